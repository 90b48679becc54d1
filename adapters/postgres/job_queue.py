from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
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
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from typing_extensions import override

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
_still_mine = and_(_t.id == _mine.c.id, _t.attempt == _mine.c.attempt, _t.status == constant(JobStatus.RUNNING))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extended:
    id: JobId
    cancel_asked: bool


_EXTEND = Statement(
    update(jobs).where(_still_mine).values(lease_until=_lease).returning(_t.id, _t.cancel_asked), _Extended
)
_RELEASE = Statement(
    update(jobs).where(_still_mine).values(status=JobStatus.QUEUED, lease_until=None).returning(_t.id), only
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
    _Extended,
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


class PostgresJobQueue(JobQueue):
    """The table of jobs, each method a statement; times are the database's."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database = database
        self._bell = bell

    @override
    async def claim(self, types: Sequence[str], limit: int, lease: timedelta) -> Sequence[Claim]:
        return await self._database.all(_CLAIM, types=list(types), most=limit, lease=lease)

    @override
    async def extend(self, claims: Sequence[Claim], lease: timedelta) -> Held:
        if not claims:
            return Held(ids=frozenset(), cancelled=frozenset())
        held = await self._database.all(_EXTEND, lease=lease, **_tokens(claims))
        return Held(
            ids=frozenset(job.id for job in held), cancelled=frozenset(job.id for job in held if job.cancel_asked)
        )

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
    async def present(self, worker: str) -> None:
        await self._database.run(_PRESENT, name=worker)

    @override
    async def absent(self, worker: str) -> None:
        await self._database.run(_ABSENT, name=worker)

    async def _ring(self, queued: Sequence[JobId]) -> None:
        if queued:
            await self._bell.ring([JOBS_TOPIC, *map(job_topic, queued)])


def _tokens(claims: Sequence[Claim]) -> dict[str, Any]:
    return {"ids": [claim.job_id for claim in claims], "attempts": [claim.attempt for claim in claims]}
