"""Looking at jobs: their list, and each by itself."""

from dataclasses import dataclass

from application.ports.jobs import JobView, JobViews
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import JobId, WorkspaceId
from domain.jobs import JobStatus
from domain.pages import Page


@dataclass(frozen=True, slots=True)
class ListJobs:
    """Shows a workspace's jobs."""

    views: JobViews

    async def __call__(
        self,
        caller: Caller,
        workspace_id: WorkspaceId,
        status: JobStatus | None,
        job_type: str | None,
        cursor: str | None,
        limit: int,
    ) -> Page[JobView]:
        """A page of them, newest first.

        Raises:
            NotFound: there is no such workspace for the caller. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.JOB_READ, workspace_id)
        return await self.views.jobs(workspace_id, status, job_type, cursor, limit)


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Shows a job."""

    views: JobViews

    async def __call__(self, caller: Caller, job_id: JobId) -> JobView:
        """The job.

        Raises:
            NotFound: there is none that the caller may see.
        """
        view = await self.views.job(job_id)
        if view is None:
            raise NotFound
        caller.must(Permission.JOB_READ, view.workspace_id)
        return view
