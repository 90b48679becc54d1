from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Integer,
    Interval,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    delete,
    false,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from typing_extensions import override

from adapters.postgres.job_ends import JobEnds
from adapters.postgres.statements import Command, Database, Statement, constant, only
from adapters.postgres.tables import jobs, workers
from application.ports.bell import Bell
from application.ports.jobs import Held, JobQueue
from domain.ids import JobId
from domain.jobs import JOBS_TOPIC, Claim, JobStatus, LeaseLost, job_topic
from domain.json import JsonValue

_t = jobs.c
_claim_columns = (_t.id.label("job_id"), _t.attempt, _t.type, _t.payload, _t.workspace_id)
_lease = func.now() + bindparam("lease", type_=Interval())

_earlier = jobs.alias("earlier")
_lane_is_busy = (
    select(_earlier.c.id)
    .where(
        _earlier.c.lane == _t.lane,
        _earlier.c.status.in_([constant(JobStatus.QUEUED), constant(JobStatus.RUNNING)]),
        or_(_earlier.c.number < _t.number, _earlier.c.status == constant(JobStatus.RUNNING)),
    )
    .correlate(jobs)
    .exists()
)
_due = (
    select(_t.id)
    .where(
        _t.status == constant(JobStatus.QUEUED),
        _t.run_at <= func.now(),
        _t.type == any_(bindparam("types", type_=ARRAY(Text()))),
        or_(_t.lane.is_(None), ~_lane_is_busy),
    )
    .order_by(_t.run_at, _t.number)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_claimed = (
    update(jobs)
    .where(_t.id == _due.c.id)
    .values(status=JobStatus.RUNNING, attempt=_t.attempt + 1, lease_until=_lease, started_at=func.now())
    .returning(*_claim_columns, _t.run_at, _t.number)
    .cte("claimed")
)
_c = _claimed.c
_CLAIM = Statement(
    select(_c.job_id, _c.attempt, _c.type, _c.payload, _c.workspace_id).order_by(_c.run_at, _c.number), Claim
)

_mine = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid())), bindparam("attempts", type_=ARRAY(Integer())))
    .table_valued("id", "attempt", name="mine")
    .render_derived()
)
_holds = and_(_t.id == _mine.c.id, _t.attempt == _mine.c.attempt, _t.status == constant(JobStatus.RUNNING))
# Locked in the order of their ids: two statements over the same jobs would else wait for each other.
_held = select(_t.id).join_from(_mine, jobs, _holds).order_by(_t.id)
_still_mine = _held.with_for_update(of=jobs, key_share=True).cte("still_mine")
_change_mine = update(jobs).where(_t.id == _still_mine.c.id)
# What is locked is passed over: to wait for one job would keep all others of the process waiting behind it, and could
# close a circle with a unit of work that waits for one of these.
_free = _held.with_for_update(of=jobs, key_share=True, skip_locked=True).cte("free")
_extended = update(jobs).where(_t.id == _free.c.id).values(lease_until=_lease).returning(_t.id).cte("extended")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    id: JobId
    cancel_asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extended:
    id: JobId
    cancel_asked: bool
    busy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    id: JobId
    lane: str | None


_EXTEND = Statement(
    select(_t.id, _t.cancel_asked, _extended.c.id.is_(None).label("busy"))
    .select_from(_mine)
    .join(jobs, _holds)
    .outerjoin(_extended, _extended.c.id == _t.id),
    _Extended,
)
_EXTEND_WHEN_FREE = Statement(
    _change_mine.values(lease_until=_lease).returning(_t.id, _t.cancel_asked, false().label("busy")), _Extended
)
_RELEASE = Statement(_change_mine.values(status=JobStatus.QUEUED, lease_until=None).returning(_t.id), only)
_SUCCEED = Statement(
    _change_mine.values(status=JobStatus.SUCCEEDED, ended_at=func.now(), lease_until=None, result=null()).returning(
        _t.id, _t.lane
    ),
    _Ended,
)

_lost = (
    select(_t.id, (_t.failures + 1 >= _t.max_attempts).label("last"))
    .where(_t.status == constant(JobStatus.RUNNING), _t.lease_until <= func.now())
    .with_for_update(skip_locked=True)
    .cte("lost")
)
_queued_again = (
    update(jobs)
    .where(_t.id == _lost.c.id, ~_lost.c.last)
    .values(status=JobStatus.QUEUED, failures=_t.failures + 1, run_at=func.now(), lease_until=None)
    .returning(_t.id)
    .cte("queued_again")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    job_id: JobId
    attempt: int
    type: str
    payload: Mapping[str, JsonValue]
    workspace_id: Any
    last: bool

    def claim(self) -> Claim:
        return Claim(
            job_id=self.job_id,
            attempt=self.attempt,
            type=self.type,
            payload=self.payload,
            workspace_id=self.workspace_id,
        )


_EXPIRE = Statement(
    select(*_claim_columns, _lost.c.last)
    .join_from(jobs, _lost, _t.id == _lost.c.id)
    .order_by(_t.number)
    .add_cte(_queued_again),
    _Lost,
)
_REPORT = Statement(
    update(jobs)
    .where(_t.id == bindparam("key"), _t.attempt == bindparam("held"), _t.status == constant(JobStatus.RUNNING))
    .returning(_t.id, _t.cancel_asked),
    _Told,
    columns=["progress", "note"],
)

_FORGOTTEN = timedelta(hours=1)
_gone = delete(workers).where(workers.c.seen_at < func.now() - _FORGOTTEN).returning(workers.c.name).cte("gone")
_PRESENT = Command(
    insert(workers)
    .values(seen_at=func.now())
    .on_conflict_do_update(index_elements=[workers.c.name], set_={"seen_at": func.now()})
    .add_cte(_gone),
    columns=["name"],
)
_ABSENT = Command(delete(workers).where(workers.c.name == bindparam("name")))
_FORGET = Command(
    delete(jobs).where(
        _t.workspace_id.is_(None),
        _t.created_at < bindparam("before"),
        _t.type == bindparam("type"),
        _t.status == constant(JobStatus.SUCCEEDED),
    )
)


class PostgresJobQueue(JobQueue):
    """The table of jobs, each method a statement; times are the database's."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database = database
        self._bell = bell
        self._ends = JobEnds(self._succeed)

    @override
    async def claim(self, types: Sequence[str], limit: int, lease: timedelta) -> Sequence[Claim]:
        return await self._database.all(_CLAIM, types=list(types), most=limit, lease=lease)

    @override
    async def extend(self, claims: Sequence[Claim], lease: timedelta) -> Held:
        if not claims:
            return _held_of([])
        return _held_of(await self._database.all(_EXTEND, lease=lease, **_tokens(claims)))

    @override
    async def extend_when_free(self, claim: Claim, lease: timedelta) -> Held:
        return _held_of(await self._database.all(_EXTEND_WHEN_FREE, lease=lease, **_tokens([claim])))

    @override
    async def expire(self) -> Sequence[Claim]:
        lost = await self._database.all(_EXPIRE)
        await self._ring([job.job_id for job in lost if not job.last])
        return [job.claim() for job in lost if job.last]

    @override
    async def release(self, claims: Sequence[Claim]) -> None:
        released = await self._database.all(_RELEASE, **_tokens(claims)) if claims else []
        await self._ring(released)

    @override
    async def report(self, claim: Claim, percent: int, note: str | None) -> bool:
        told = await self._database.one(_REPORT, key=claim.job_id, held=claim.attempt, progress=percent, note=note)
        if told is None:
            raise LeaseLost
        await self._bell.ring([job_topic(claim.job_id)])
        return told.cancel_asked

    @override
    async def finish(self, claim: Claim) -> None:
        await self._ends.add(claim)

    @override
    async def forget(self, type_: str, before: datetime) -> None:
        await self._database.run(_FORGET, type=type_, before=before)

    @override
    async def present(self, worker: str) -> None:
        await self._database.run(_PRESENT, name=worker)

    @override
    async def absent(self, worker: str) -> None:
        await self._database.run(_ABSENT, name=worker)

    async def _succeed(self, claims: Sequence[Claim]) -> None:
        ended = await self._database.all(_SUCCEED, **_tokens(claims))
        frees_a_lane = any(job.lane is not None for job in ended)
        await self._bell.ring([*([JOBS_TOPIC] if frees_a_lane else []), *(job_topic(job.id) for job in ended)])

    async def _ring(self, queued: Sequence[JobId]) -> None:
        if queued:
            await self._bell.ring([JOBS_TOPIC, *map(job_topic, queued)])


def _held_of(found: Sequence[_Extended]) -> Held:
    return Held(
        ids=frozenset(job.id for job in found if not job.busy),
        busy=frozenset(job.id for job in found if job.busy),
        cancelled=frozenset(job.id for job in found if job.cancel_asked),
    )


def _tokens(claims: Sequence[Claim]) -> dict[str, Any]:
    return {"ids": [claim.job_id for claim in claims], "attempts": [claim.attempt for claim in claims]}
