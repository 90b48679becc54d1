from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.jobs import Burial, JobsWork
from application.ports.unit_of_work import Begin
from domain.actors import SYSTEM
from domain.jobs import Claim, Job, JobDied


@dataclass(frozen=True, slots=True)
class FailJob:
    """Counts a failure: the job is tried again after a wait, or is dead, and what that leaves behind is mended."""

    begin: Begin[JobsWork]
    burials: Mapping[str, Burial[JobsWork]]
    clock: Clock

    async def __call__(self, claim: Claim, error: str, after: timedelta | None = None) -> None:
        """Nothing; `error` is kept with the job and shown to its workspace; `after` is a wait instead of the back-off.

        Raises:
            LeaseLost: the claim does not hold any more.
        """
        burial = self.burials.get(claim.type)
        async with self.begin() as work:
            if burial:
                await burial.prepare(work, claim.payload)
            job = (await work.jobs.held(claim)).failed(error, self.clock.now(), after)
            await work.jobs.save(job, because=_death(job))
            if burial and job.ended:
                await burial.bury(work, job)
            await work.commit(None)


def _death(job: Job) -> JobDied | None:
    if job.workspace_id is None or job.ended_at is None:
        return None
    return JobDied(
        workspace_id=job.workspace_id,
        actor=SYSTEM,
        at=job.ended_at,
        job_id=job.id,
        job_type=job.type,
        failures=job.failures,
    )
