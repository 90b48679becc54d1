from typing_extensions import override

from adapters.memory.pages import newest_first
from adapters.memory.store import MemoryStore
from application.ports.instance_views import DeadJobView, InstanceUserView, InstanceViews, InstanceWorkspaceView
from domain.jobs import JobStatus
from domain.pages import Page


class MemoryInstanceViews(InstanceViews):
    """Committed tenants."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def users(self, cursor: str | None, limit: int) -> Page[InstanceUserView]:
        joined = [membership.user_id for membership in self._store.memberships.rows.values()]
        users = (
            InstanceUserView(
                id=user.id,
                email=user.email,
                name=user.name,
                administrator=user.administrator,
                workspaces=joined.count(user.id),
                created_at=user.created_at,
                deactivated_at=user.deactivated_at,
            )
            for user in self._store.users.rows.values()
            if user.deleted_at is None
        )
        return newest_first(users, cursor, limit)

    @override
    async def workspaces(self, cursor: str | None, limit: int) -> Page[InstanceWorkspaceView]:
        joined = [membership.workspace_id for membership in self._store.memberships.rows.values()]
        workspaces = (
            InstanceWorkspaceView(
                id=workspace.id,
                handle=str(workspace.handle),
                name=workspace.name,
                personal=workspace.personal,
                members=joined.count(workspace.id),
                created_at=workspace.created_at,
                suspended_at=workspace.suspended_at,
            )
            for workspace in self._store.workspaces.rows.values()
        )
        return newest_first(workspaces, cursor, limit)

    @override
    async def dead_jobs(self, cursor: str | None, limit: int) -> Page[DeadJobView]:
        jobs = (
            DeadJobView(
                id=job.id,
                type=job.type,
                workspace_id=job.workspace_id,
                attempts=job.attempt,
                error=job.error,
                created_at=job.created_at,
                ended_at=job.ended_at,
            )
            for job in self._store.jobs.rows.values()
            if job.status is JobStatus.DEAD and job.ended_at is not None
        )
        return newest_first(jobs, cursor, limit)
