from collections.abc import Mapping

from sqlalchemy import bindparam, func, text, update
from sqlalchemy.dialects.postgresql import Insert, insert
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Queries, Statement, constant
from adapters.postgres.tables import jobs
from application.ports.jobs import Jobs
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import JobId, WorkspaceId
from domain.jobs import ENDED, Claim, Job, JobStatus, LeaseLost
from domain.json import JsonValue

_t = jobs.c
JOBS = Mapped(Job, jobs)
_names = [column.name for column in JOBS.columns]
_insert = insert(jobs)


def _unless_waiting(construct: Insert) -> Insert:
    unended = text("status IN ('queued', 'running')")
    return construct.on_conflict_do_nothing(index_elements=[_t.type, _t.unique_key], index_where=unended)


_ADD_LATER = Command(_unless_waiting(_insert), columns=_names)
_ADD_NOW = Command(
    _unless_waiting(_insert.values(run_at=func.least(bindparam("wanted", type_=_t.run_at.type), func.now()))),
    columns=[name for name in _names if name != "run_at"],
)
_GET = JOBS.by_id()
_LOCK = JOBS.by_id(lock=True)
_unended = [constant(status) for status in JobStatus if status not in ENDED]
_UNENDED = Statement(
    JOBS.select()
    .where(_t.workspace_id == bindparam("workspace_id"), _t.status.in_(_unended))
    .order_by(_t.id)
    .with_for_update(key_share=True),
    JOBS.make,
)
_holds = (_t.id == bindparam("key"), _t.attempt == bindparam("held"), _t.status == constant(JobStatus.RUNNING))
_HELD = Statement(JOBS.select().where(*_holds).with_for_update(key_share=True), JOBS.make)
_SAVE = JOBS.replacing()
_FINISH = Statement(
    update(jobs).where(*_holds).values(ended_at=func.now(), lease_until=None).returning(*JOBS.columns),
    JOBS.make,
    columns=["status", "result"],
)


class PostgresJobs(Jobs):
    """Jobs, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, job: Job) -> None:
        values = JOBS.values(job)
        if job.run_at <= job.created_at:
            # Due at once, also when our clock is ahead of the database's, by which jobs are due.
            added = await self._queries.run(_ADD_NOW, wanted=values.pop("run_at"), **values)
        else:
            added = await self._queries.run(_ADD_LATER, **values)
        if added:
            self._changes.moved(job)

    @override
    async def get(self, job_id: JobId) -> Job:
        return _found(await self._queries.one(_GET, id=job_id))

    @override
    async def lock(self, job_id: JobId) -> Job:
        return _found(await self._queries.one(_LOCK, id=job_id))

    @override
    async def unended(self, workspace_id: WorkspaceId) -> list[Job]:
        return await self._queries.all(_UNENDED, workspace_id=workspace_id)

    @override
    async def held(self, claim: Claim) -> Job:
        job = await self._queries.one(_HELD, key=claim.job_id, held=claim.attempt)
        if job is None:
            raise LeaseLost
        return job

    @override
    async def save(self, job: Job, because: Event | None = None) -> None:
        await self._queries.run(_SAVE, key=job.id, **JOBS.changes(job))
        self._changes.moved(job)
        if because is not None:
            self._changes.explain(because)

    @override
    async def finish(
        self, claim: Claim, result: Mapping[str, JsonValue] | None = None, status: JobStatus = JobStatus.SUCCEEDED
    ) -> None:
        ended = await self._queries.one(_FINISH, key=claim.job_id, held=claim.attempt, status=status, result=result)
        if ended is None:
            raise LeaseLost
        self._changes.moved(ended)
        self._changes.finished.add((claim.job_id, claim.attempt))


def _found(job: Job | None) -> Job:
    if job is None:
        raise NotFound
    return job
