from functools import cache
from typing import Any

from sqlalchemy import bindparam
from typing_extensions import override

from adapters.postgres.jobs import JOBS
from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.statements import Database, Statement
from adapters.postgres.tables import jobs
from application.ports.jobs import JobView, JobViews
from domain.ids import JobId, WorkspaceId
from domain.jobs import JobStatus
from domain.pages import Page


def _view(**columns: Any) -> JobView:
    job = JOBS.make(**columns)
    return JobView.of(job, WorkspaceId(columns["workspace_id"]))


_JOB = Statement(JOBS.select().where(jobs.c.id == bindparam("id"), jobs.c.workspace_id.is_not(None)), _view)


@cache
def _listing(filters: frozenset[str], *, behind: bool) -> Statement[JobView]:
    construct = JOBS.select().where(jobs.c.workspace_id == bindparam("workspace_id"))
    for name in filters:
        construct = construct.where(jobs.c[name] == bindparam(name))
    return Statement(newest_first(construct, jobs, behind=behind), _view)


class PostgresJobViews(JobViews):
    """Jobs, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def jobs(
        self, workspace_id: WorkspaceId, status: JobStatus | None, type_: str | None, cursor: str | None, limit: int
    ) -> Page[JobView]:
        given = {name: value for name, value in (("status", status), ("type", type_)) if value is not None}
        listing = _listing(frozenset(given), behind=cursor is not None)
        found = await self._database.all(listing, workspace_id=workspace_id, **given, **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def job(self, job_id: JobId) -> JobView | None:
        return await self._database.one(_JOB, id=job_id)
