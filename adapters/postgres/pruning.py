from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import DateTime, and_, bindparam, case, delete, func, not_, or_, select, tuple_
from typing_extensions import override

from adapters.postgres.statements import Command, Database, Statement, constant, only
from adapters.postgres.tables import memories, memory_versions, workspaces
from application.ports.pruning import DeletedMemories, PrunableMemory, PruningViews
from domain.ids import MemoryId
from domain.memories import UNUSED, PruneReason, Tier

_m = memories.c
_at = bindparam("at", type_=DateTime(timezone=True))
_unused_since = bindparam("unused_since", type_=DateTime(timezone=True))
_expired = and_(_m.expires_at.is_not(None), _m.expires_at <= _at)
_superseded = and_(
    _m.superseded_by.is_not(None),
    _m.updated_at <= _unused_since,
    or_(_m.last_accessed_at.is_(None), _m.last_accessed_at <= _unused_since),
)
_due = (
    select(
        _m.id,
        _m.workspace_id,
        workspaces.c.handle,
        _m.tier,
        case((_expired, constant(PruneReason.EXPIRED)), else_=constant(PruneReason.SUPERSEDED)).label("reason"),
    )
    .join_from(memories, workspaces, workspaces.c.id == _m.workspace_id)
    .where(_m.tier != constant(Tier.PERSONAL), not_(_m.pinned), _m.deleted_at.is_(None), or_(_expired, _superseded))
    .order_by(_m.id)
    .limit(bindparam("most"))
)


def _prunable(*, reason: str, handle: object, **columns: Any) -> PrunableMemory:
    return PrunableMemory(reason=PruneReason(reason), handle=str(handle), **columns)


@cache
def _listing(*, behind: bool) -> Statement[PrunableMemory]:
    return Statement(_due.where(_m.id > bindparam("after")) if behind else _due, _prunable)


_before = bindparam("before", type_=DateTime(timezone=True))
_OVERDUE = Statement(select(func.count().label("number")).where(_m.deleted_at < _before), only)
# Those that somebody is restoring just now are locked, and left for the next time.
_gone = (
    select(_m.id)
    .where(_m.deleted_at < _before)
    .order_by(_m.deleted_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_PURGE = Command(delete(memories).where(_m.id.in_(_gone)))
_next = memory_versions.alias("next")
_replaced = (
    select(memory_versions.c.memory_id, memory_versions.c.version)
    .join_from(
        memory_versions,
        _next,
        and_(_next.c.memory_id == memory_versions.c.memory_id, _next.c.version == memory_versions.c.version + 1),
    )
    .where(_next.c.at < _before)
    .limit(bindparam("most"))
)
_PURGE_VERSIONS = Command(
    delete(memory_versions).where(tuple_(memory_versions.c.memory_id, memory_versions.c.version).in_(_replaced))
)


class PostgresPruningViews(PruningViews):
    """Memories that nobody will need, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def due(self, at: datetime, after: MemoryId | None, limit: int) -> Sequence[PrunableMemory]:
        behind = {} if after is None else {"after": after}
        listing = _listing(behind=after is not None)
        return await self._database.all(listing, at=at, unused_since=at - UNUSED, most=limit, **behind)


class PostgresDeletedMemories(DeletedMemories):
    """Memories that were deleted, and old versions, as rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def overdue(self, before: datetime) -> int:
        return await self._database.one(_OVERDUE, before=before) or 0

    @override
    async def purge(self, before: datetime, limit: int) -> int:
        return await self._database.run(_PURGE, before=before, most=limit)

    @override
    async def purge_versions(self, before: datetime, limit: int) -> int:
        return await self._database.run(_PURGE_VERSIONS, before=before, most=limit)
