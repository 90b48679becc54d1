from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.jobs import Burial, JobsWork, JobView, JobViews
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.actors import SYSTEM
from domain.errors import NotFound
from domain.ids import JobId
from domain.jobs import Claim, JobStatus, cancel_event


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Stops a job: at once while it waits, by its worker when one has it."""

    begin: Begin[JobsWork]
    views: JobViews
    burials: Mapping[str, Burial[JobsWork]]
    clock: Clock

    async def __call__(self, caller: Caller, job_id: JobId) -> JobView:
        """The job as it is now.

        Raises:
            NotFound, Forbidden: the caller may not. JobEnded: it is over.
        """
        view = await self.views.job(job_id)
        if view is None:
            raise NotFound
        caller.must(Permission.JOB_WRITE, view.workspace_id)
        now = self.clock.now()
        async with self.begin() as work:
            job = await work.jobs.get(job_id)
            burial = self.burials.get(job.type)
            if burial:
                await burial.prepare(work, job.payload)
            job = (await work.jobs.lock(job_id)).asked_to_cancel(now)
            because = cancel_event(job, view.workspace_id, by=caller.actor, at=now)
            await work.jobs.save(job, because=because)
            if burial and job.ended:
                await burial.bury(work, job)
            return await work.commit(JobView.of(job, view.workspace_id))


@dataclass(frozen=True, slots=True)
class EndCancelledJob:
    """Ends a job whose worker was told to stop and did, without ending it itself."""

    begin: Begin[JobsWork]
    burials: Mapping[str, Burial[JobsWork]]
    clock: Clock

    async def __call__(self, claim: Claim) -> None:
        """Nothing; the job is cancelled, with what that leaves behind.

        Raises:
            LeaseLost: the claim does not hold any more.
        """
        burial = self.burials.get(claim.type)
        async with self.begin(claim) as work:
            if burial:
                await burial.prepare(work, claim.payload)
            now = self.clock.now()
            job = (await work.jobs.held(claim)).cancelled(now)
            if job.workspace_id:
                work.record(cancel_event(job, job.workspace_id, by=SYSTEM, at=now))
            await work.jobs.finish(claim, status=JobStatus.CANCELLED)
            if burial:
                await burial.bury(work, job)
            await work.commit(None)
