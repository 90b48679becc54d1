from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from application.ports.clock import Clock
from application.ports.jobs import Burial, JobsWork
from application.ports.unit_of_work import Begin
from domain.actors import SYSTEM
from domain.jobs import Claim, Job, JobDied, JobSpec


class Announce(Protocol):
    """Who is told of dead jobs."""

    def __call__(self, job: Job, /) -> JobSpec | None:
        """The job that tells people of this dead one; None when nobody is to be told."""
        ...


class Silence(Announce):
    """Nobody is told."""

    def __call__(self, _job: Job, /) -> None:
        return None


@dataclass(frozen=True, slots=True)
class FailJob:
    """Counts a failure: the job is tried again after a wait, or is dead, and what that leaves behind is mended."""

    begin: Begin[JobsWork]
    burials: Mapping[str, Burial[JobsWork]]
    clock: Clock
    announce: Announce = field(default_factory=Silence)

    async def __call__(
        self, claim: Claim, error: str, after: timedelta | None = None, *, for_good: bool = False
    ) -> None:
        """Nothing; `error` is kept with the job and shown to its workspace; `after` is a wait instead of the back-off.

        `for_good` is for what no other try would mend: the job is dead at once.

        Raises:
            LeaseLost: the claim does not hold any more.
        """
        burial = self.burials.get(claim.type)
        async with self.begin() as work:
            if burial:
                await burial.prepare(work, claim.payload)
            held, now = await work.jobs.held(claim), self.clock.now()
            job = held.given_up(error, now) if for_good else held.failed(error, now, after)
            await work.jobs.save(job, because=_death(job))
            if burial and job.ended:
                await burial.bury(work, job)
            announcement = self.announce(job) if job.ended else None
            if announcement:
                await work.jobs.add(Job.of(announcement, now))
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
