from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.jobs import Burial, JobsWork, JobView, JobViews
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import JobId
from domain.jobs import JobReplayed


@dataclass(frozen=True, slots=True)
class ReplayJob:
    """Has a dead or cancelled job run again, with all its tries."""

    begin: Begin[JobsWork]
    views: JobViews
    burials: Mapping[str, Burial[JobsWork]]
    clock: Clock

    async def __call__(self, caller: Caller, job_id: JobId) -> JobView:
        """The job as it is now.

        Raises:
            NotFound, Forbidden: the caller may not, or what the job worked on is gone.
            JobNotReplayable: it waits, runs or has succeeded, or another of its kind and key does.
            Conflict: what it is to do may not be done now, as its burial says.
        """
        view = await self.views.job(job_id)
        if view is None:
            raise NotFound
        caller.must(Permission.JOB_WRITE, view.workspace_id)
        now = self.clock.now()
        burial = self.burials.get(view.type)
        async with self.begin() as work:
            if burial:
                await burial.prepare(work, (await work.jobs.get(job_id)).payload)
            job = (await work.jobs.lock(job_id)).replayed(now)
            if burial:
                job = await burial.revive(work, job)
            replayed = JobReplayed(
                workspace_id=view.workspace_id, actor=caller.actor, at=now, job_id=job_id, job_type=job.type
            )
            await work.jobs.save(job, because=replayed)
            return await work.commit(JobView.of(job, view.workspace_id))
