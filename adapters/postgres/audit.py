from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnClause,
    Select,
    Text,
    bindparam,
    cast,
    extract,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from typing_extensions import override

from adapters.postgres.activity import activity_columns, activity_view, from_activity
from adapters.postgres.statements import Command, Database, Statement, only
from adapters.postgres.tables import activity, activity_heads, activity_seals, workspaces
from application.ports.audit import AuditedEvent, AuditedWorkspace, AuditFilter, AuditLog, AuditViews
from domain.audit import Entry, Seal
from domain.ids import WorkspaceId

_a, _h, _s = activity.c, activity_heads.c, activity_seals.c
_OF: BindParameter[Any] = bindparam("workspace_id")

# Whatever somebody has put into the rows is to be read: so as text, which does not depend on settings either.
_ENTRIES = Statement(
    select(
        _a.workspace_id,
        _a.number,
        _a.type,
        cast(_a.actor_type, Text).label("actor_type"),
        _a.actor_id,
        _a.subject_type,
        _a.subject_id,
        cast(extract("epoch", _a.at), Text).label("at"),
        _a.causation_id,
        cast(_a.data, Text).label("data"),
    )
    .where(_a.workspace_id == _OF, _a.number.between(bindparam("first"), bindparam("last")))
    .order_by(_a.number),
    Entry,
)
# A time that Python cannot read is shown as one that it can, and that no seal was made at.
_LATEST: ColumnClause[Any] = literal_column("timestamptz '9999-01-01 00:00Z'")
_EARLIEST: ColumnClause[Any] = literal_column("timestamptz '0001-01-02 00:00Z'")
_sealed_at = func.greatest(func.least(_s.sealed_at, _LATEST), _EARLIEST).label("sealed_at")
_seals = select(*(column for column in _s if column.name != "sealed_at"), _sealed_at).where(_s.workspace_id == _OF)
_NEWEST_SEAL = Statement(_seals.order_by(_s.number.desc()).limit(1), Seal)
_FIRST_SEALS = Statement(_seals.order_by(_s.number).limit(bindparam("most")), Seal)
_SEALS = Statement(
    _seals.where(_s.number > bindparam("after")).order_by(_s.number).limit(bindparam("most")),
    Seal,
)
_ADD = Command(insert(activity_seals).on_conflict_do_nothing(), columns=activity_seals.c.keys())
_HEAD = Statement(select(_h.number).where(_h.workspace_id == _OF), only)
_counted = func.coalesce(select(_h.number).where(_h.workspace_id == _OF).scalar_subquery(), 0)
_STRAYS = Statement(
    select(_a.number)
    .where(
        _a.workspace_id == _OF,
        (_a.number < literal_column("1")) | (_a.number > func.greatest(_counted, bindparam("sealed"))),
    )
    .order_by(_a.number)
    .limit(bindparam("most")),
    only,
)
_handle = cast(workspaces.c.handle, Text).label("handle")
_sealed = select(func.max(_s.last)).where(_s.workspace_id == _h.workspace_id).scalar_subquery()


@cache
def _unsealed(*, behind: bool) -> Statement[WorkspaceId]:
    construct = select(_h.workspace_id).where(_h.number > func.coalesce(_sealed, 0))
    if behind:
        construct = construct.where(_h.workspace_id > bindparam("after"))
    return Statement(construct.order_by(_h.workspace_id).limit(bindparam("most")), only)


@cache
def _next(*, behind: bool) -> Statement[AuditedWorkspace]:
    def first_of(column: Any) -> Select[Any]:
        least = select(column.label("id")).order_by(column).limit(1)
        return select((least.where(column > bindparam("after")) if behind else least).subquery())

    least = union_all(*map(first_of, (_a.workspace_id, _h.workspace_id, _s.workspace_id))).subquery()
    found = select(least.c.id, _handle)
    joined = found.join_from(least, workspaces, workspaces.c.id == least.c.id, isouter=True)
    return Statement(joined.order_by(least.c.id).limit(1), AuditedWorkspace)


_WORKSPACE = Statement(
    select(workspaces.c.id, _handle).where(workspaces.c.handle == bindparam("handle")), AuditedWorkspace
)


class PostgresAuditLog(AuditLog):
    """Rows and seals, read piece by piece."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def unsealed(self, after: WorkspaceId | None, limit: int) -> Sequence[WorkspaceId]:
        if after is None:
            return await self._database.all(_unsealed(behind=False), most=limit)
        return await self._database.all(_unsealed(behind=True), after=after, most=limit)

    @override
    async def newest_seal(self, workspace_id: WorkspaceId) -> Seal | None:
        return await self._database.one(_NEWEST_SEAL, workspace_id=workspace_id)

    @override
    async def seals(self, workspace_id: WorkspaceId, after: int | None, limit: int) -> Sequence[Seal]:
        if after is None:
            return await self._database.all(_FIRST_SEALS, workspace_id=workspace_id, most=limit)
        return await self._database.all(_SEALS, workspace_id=workspace_id, after=after, most=limit)

    @override
    async def head(self, workspace_id: WorkspaceId) -> int:
        return await self._database.one(_HEAD, workspace_id=workspace_id) or 0

    @override
    async def entries(self, workspace_id: WorkspaceId, first: int, last: int) -> Sequence[Entry]:
        return await self._database.all(_ENTRIES, workspace_id=workspace_id, first=first, last=last)

    @override
    async def strays(self, workspace_id: WorkspaceId, sealed: int, limit: int) -> Sequence[int]:
        return await self._database.all(_STRAYS, workspace_id=workspace_id, sealed=sealed, most=limit)

    @override
    async def add(self, seal: Seal) -> bool:
        values = {name: getattr(seal, name) for name in activity_seals.c.keys()}  # noqa: SIM118 (a collection of columns)
        return await self._database.run(_ADD, **values) == 1

    @override
    async def next_workspace(self, after: WorkspaceId | None) -> AuditedWorkspace | None:
        if after is None:
            return await self._database.one(_next(behind=False))
        return await self._database.one(_next(behind=True), after=after)

    @override
    async def workspace_of(self, handle: str) -> AuditedWorkspace | None:
        return await self._database.one(_WORKSPACE, handle=handle)


_over = (
    select(_s.number)
    .where(_s.workspace_id == _a.workspace_id, _s.last >= _a.number, _s.first <= _a.number)
    .order_by(_s.last)
    .limit(1)
    .scalar_subquery()
)
_CONDITIONS = {
    "type": _a.type == bindparam("type"),
    "noun": func.split_part(_a.type, ".", 1) == bindparam("noun"),
    "since": _a.at >= bindparam("since"),
    "until": _a.at < bindparam("until"),
}


def _event(*, seal: int | None, **columns: Any) -> AuditedEvent:
    return AuditedEvent(event=activity_view(**columns), seal=seal)


@cache
def _events(filters: frozenset[str]) -> Statement[AuditedEvent]:
    construct = select(*activity_columns, _over.label("seal")).select_from(from_activity)
    construct = construct.where(_a.workspace_id == _OF, _a.number > bindparam("after"))
    for name in sorted(filters):
        construct = construct.where(_CONDITIONS[name])
    return Statement(construct.order_by(_a.number).limit(bindparam("most")), _event)


class PostgresAuditViews(AuditViews):
    """Events with the numbers of their seals, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def events(
        self, workspace_id: WorkspaceId, only: AuditFilter, after: int, limit: int
    ) -> Sequence[AuditedEvent]:
        kind = "type" if only.type and "." in only.type else "noun"
        wanted = {kind: only.type, "since": only.since, "until": only.until}
        given = {name: value for name, value in wanted.items() if value is not None}
        return await self._database.all(
            _events(frozenset(given)), workspace_id=workspace_id, after=after, most=limit, **given
        )
