from functools import cache

from sqlalchemy import Text, func, select, type_coerce
from typing_extensions import override

from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.statements import Database, Statement, constant
from adapters.postgres.tables import jobs, members, users, workspaces
from application.ports.instance_views import DeadJobView, InstanceUserView, InstanceViews, InstanceWorkspaceView
from domain.jobs import JobStatus
from domain.pages import Page


@cache
def _users(*, behind: bool) -> Statement[InstanceUserView]:
    count = select(func.count()).where(members.c.user_id == users.c.id).scalar_subquery()
    construct = select(
        users.c.id,
        users.c.email,
        users.c.name,
        users.c.administrator,
        count.label("workspaces"),
        users.c.created_at,
        users.c.deactivated_at,
    ).where(users.c.deleted_at.is_(None))
    return Statement(newest_first(construct, users, behind=behind), InstanceUserView)


@cache
def _workspaces(*, behind: bool) -> Statement[InstanceWorkspaceView]:
    count = select(func.count()).where(members.c.workspace_id == workspaces.c.id).scalar_subquery()
    construct = select(
        workspaces.c.id,
        type_coerce(workspaces.c.handle, Text()).label("handle"),
        workspaces.c.name,
        workspaces.c.personal,
        count.label("members"),
        workspaces.c.created_at,
        workspaces.c.suspended_at,
    )
    return Statement(newest_first(construct, workspaces, behind=behind), InstanceWorkspaceView)


@cache
def _dead_jobs(*, behind: bool) -> Statement[DeadJobView]:
    construct = select(
        jobs.c.id,
        jobs.c.type,
        jobs.c.workspace_id,
        jobs.c.attempt.label("attempts"),
        jobs.c.error,
        jobs.c.created_at,
        jobs.c.ended_at,
    ).where(jobs.c.status == constant(JobStatus.DEAD))
    return Statement(newest_first(construct, jobs, behind=behind), DeadJobView)


class PostgresInstanceViews(InstanceViews):
    """Tenants, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def users(self, cursor: str | None, limit: int) -> Page[InstanceUserView]:
        found = await self._database.all(_users(behind=cursor is not None), **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def workspaces(self, cursor: str | None, limit: int) -> Page[InstanceWorkspaceView]:
        found = await self._database.all(_workspaces(behind=cursor is not None), **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def dead_jobs(self, cursor: str | None, limit: int) -> Page[DeadJobView]:
        found = await self._database.all(_dead_jobs(behind=cursor is not None), **place(cursor, limit))
        return page_of_newest(found, limit)
