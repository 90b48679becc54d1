from collections.abc import Collection, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, DateTime, Uuid, any_, bindparam, func, or_, select
from typing_extensions import override

from adapters.postgres.memories import MEMORIES
from adapters.postgres.memory_policies import POLICY
from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.statements import Database, Statement
from adapters.postgres.tables import memories, memory_versions
from application.ports.memories import MemoryFilter, MemoryPolicy, MemoryVersionView, MemoryView, MemoryViews
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import Memory
from domain.pages import Page, decode_cursor, page_of

_m = memories.c


def _view(**columns: Any) -> MemoryView:
    return MemoryView.of(MEMORIES.make(**columns))


def _version_view(*, memory: Memory) -> MemoryVersionView:
    return MemoryVersionView.of(memory)


_reader = bindparam("reader_id", type_=Uuid())
_WANTED = {
    "tier": _m.tier == bindparam("tier"),
    "tag": bindparam("tag") == any_(_m.tags),
    "shared": _m.shared == bindparam("shared"),
    "q": func.strpos(func.lower(_m.content), func.lower(bindparam("q"))) > 0,
}
_kept = _m.deleted_at.is_(None)
_kept_or_restorable = or_(
    _kept, (_m.owner_id == _reader) & (_m.deleted_at > bindparam("deleted_after", type_=DateTime(timezone=True)))
)


@cache
def _listing(filters: frozenset[str], *, superseded: bool, behind: bool) -> Statement[MemoryView]:
    found = MEMORIES.select().where(
        _m.workspace_id == bindparam("workspace_id"),
        or_(_m.owner_id == _reader, _m.shared),
        _kept_or_restorable if "deleted_after" in filters else _kept,
        *(wanted for name, wanted in _WANTED.items() if name in filters),
    )
    if not superseded:
        found = found.where(_m.superseded_by.is_(None))
    return Statement(newest_first(found, memories, behind=behind), _view)


@cache
def _owned(*, somewhere: bool, behind: bool) -> Statement[MemoryView]:
    found = MEMORIES.select().where(_m.owner_id == bindparam("of_owner"))
    if somewhere:
        found = found.where(_m.workspace_id == bindparam("of_workspace"))
    if behind:
        found = found.where(_m.id > bindparam("after"))
    return Statement(found.order_by(_m.id).limit(bindparam("most")), _view)


@cache
def _versions(*, behind: bool) -> Statement[MemoryVersionView]:
    found = select(memory_versions.c.memory).where(memory_versions.c.memory_id == bindparam("of_memory"))
    if behind:
        found = found.where(memory_versions.c.version < bindparam("before"))
    return Statement(found.order_by(memory_versions.c.version.desc()).limit(bindparam("most")), _version_view)


_VIEW = Statement(MEMORIES.select().where(_m.id == bindparam("id")), _view)
_SEVERAL = Statement(MEMORIES.select().where(_m.id == any_(bindparam("ids", type_=ARRAY(Uuid())))), _view)


class PostgresMemoryViews(MemoryViews):
    """Memories, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def memory(self, memory_id: MemoryId) -> MemoryView | None:
        return await self._database.one(_VIEW, id=memory_id)

    @override
    async def several(self, memory_ids: Collection[MemoryId]) -> Sequence[MemoryView]:
        return await self._database.all(_SEVERAL, ids=list(memory_ids)) if memory_ids else []

    @override
    async def memories(
        self, workspace_id: WorkspaceId, only: MemoryFilter, cursor: str | None, limit: int
    ) -> Page[MemoryView]:
        given = {field.name: getattr(only, field.name) for field in fields(only) if field.name != "superseded"}
        given = {name: value for name, value in given.items() if value is not None}
        listing = _listing(frozenset(given), superseded=only.superseded, behind=cursor is not None)
        found = await self._database.all(listing, workspace_id=workspace_id, **given, **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def versions(self, memory_id: MemoryId, cursor: str | None, limit: int) -> Page[MemoryVersionView]:
        given: dict[str, Any] = {}
        if cursor is not None:
            (given["before"],) = decode_cursor(cursor, int)
        listing = _versions(behind=cursor is not None)
        found = await self._database.all(listing, of_memory=memory_id, most=limit + 1, **given)
        return page_of(found, limit, lambda version: (version.number,))

    @override
    async def owned(
        self, owner_id: UserId, workspace_id: WorkspaceId | None, after: MemoryId | None, limit: int
    ) -> Sequence[MemoryView]:
        given = {"of_workspace": workspace_id, "after": after}
        given = {name: value for name, value in given.items() if value is not None}
        listing = _owned(somewhere=workspace_id is not None, behind=after is not None)
        return await self._database.all(listing, of_owner=owner_id, most=limit, **given)

    @override
    async def policy(self, workspace_id: WorkspaceId) -> MemoryPolicy | None:
        return await self._database.one(POLICY, id=workspace_id)
