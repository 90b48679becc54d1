from collections.abc import AsyncGenerator
from dataclasses import dataclass

from application.jobs.read_jobs import ReadJob
from application.ports.bell import Bell
from application.ports.jobs import JobView
from domain.access import Caller
from domain.ids import JobId
from domain.jobs import ENDED, job_topic

LOOK_AGAIN = 2.0  # seconds: a worker does not ring when it begins a job


@dataclass(frozen=True, slots=True)
class FollowJob:
    """Shows a job as it changes, until it has ended."""

    read_job: ReadJob
    bell: Bell

    async def __call__(self, caller: Caller, job_id: JobId) -> AsyncGenerator[JobView | None, None]:
        """The whole job now and after each change; None when it was looked at and is the same.

        Raises:
            NotFound: there is none that the caller may see.
        """
        await self.read_job(caller, job_id)
        return self._views(caller, job_id)

    async def _views(self, caller: Caller, job_id: JobId) -> AsyncGenerator[JobView | None, None]:
        shown: JobView | None = None
        async with self.bell.listen(job_topic(job_id)) as news:
            while shown is None or shown.status not in ENDED:
                view = await self.read_job(caller, job_id)
                yield view if view != shown else None
                shown = view
                if view.status not in ENDED:
                    await news.heard(LOOK_AGAIN)
