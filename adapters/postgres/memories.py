from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    LargeBinary,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.memory_expiry import REDATE
from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Command, Queries, Statement, only
from adapters.postgres.tables import memories, memory_versions
from adapters.postgres.types import json
from application.ports.memories import Memories
from domain.activity import Event
from domain.errors import EditConflict, NotFound
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import Memory, MemoryExists, MemoryRetention, MemorySource

Found = TypeVar("Found")


def _columns(**columns: Any) -> dict[str, Any]:
    return columns


_m = memories.c
MEMORIES = Mapped(Memory, memories)
_live = (_m.deleted_at.is_(None), _m.superseded_by.is_(None))
_COUNTED = frozenset({"access_count", "last_accessed_at"})
_changing = [name for name in MEMORIES.changing if name not in _COUNTED]
_as_read = (_m.id == bindparam("key"), _m.version == bindparam("expected"))

_NAMES = ", ".join(column.name for column in MEMORIES.columns)
# Rows as JSON, since tags are lists of different lengths, of which no array can be made.
_ADD = Statement(
    text(
        f"""
        with added as (
          insert into memories ({_NAMES}) select {_NAMES} from jsonb_populate_recordset(null::memories, :rows)
          on conflict (workspace_id, owner_id, digest) where deleted_at is null and superseded_by is null do nothing
          returning id, version, workspace_id, updated_at
        ), kept as (
          insert into memory_versions (memory_id, version, workspace_id, memory, at)
          select added.id, added.version, added.workspace_id, given.memory, added.updated_at
          from added join (
            select (memory ->> 'id')::uuid as id, memory from jsonb_array_elements(:versions) as memory
          ) as given using (id)
        )
        select id from added
        """  # noqa: S608 (the columns of the table)
    )
    .bindparams(bindparam("rows", type_=json()), bindparam("versions", type_=json()))
    .columns(id=Uuid()),
    only,
)
_ADD_VERSION = Command(insert(memory_versions))
_GET = MEMORIES.by_id()
_LOCK = MEMORIES.by_id(lock=True)
_OF_DIGEST = Statement(
    MEMORIES.select().where(
        _m.workspace_id == bindparam("of_workspace"),
        _m.owner_id == bindparam("of_owner"),
        _m.digest == bindparam("wanted"),
        *_live,
    ),
    MEMORIES.make,
)
_OF_SOURCE = Statement(
    MEMORIES.select()
    .where(
        _m.workspace_id == bindparam("of_workspace"),
        _m.owner_id == bindparam("of_owner"),
        _m.source_type == bindparam("from_type"),
        _m.source_id.is_not_distinct_from(bindparam("from_id", type_=Uuid())),
        _m.deleted_at.is_(None),
    )
    .order_by(_m.id)
    .with_for_update(key_share=True),
    MEMORIES.make,
)
_OF_DIGESTS = Statement(
    MEMORIES.select().where(
        _m.workspace_id == bindparam("of_workspace"),
        _m.owner_id == bindparam("of_owner"),
        _m.digest == any_(bindparam("wanted", type_=ARRAY(LargeBinary()))),
        _m.deleted_at.is_(None),
    ),
    MEMORIES.make,
)
_LINK = Command(
    update(memories)
    .where(_m.id == bindparam("key"), _m.similar_to.is_(None))
    .values(similar_to=bindparam("earlier", type_=Uuid()))
)
_SAVE = Statement(
    update(memories)
    .where(*_as_read)
    .values(version=_m.version + 1)
    .returning(_m.access_count, _m.last_accessed_at, _m.version),
    _columns,
    columns=_changing,
)
_HISTORY = Statement(
    select(memory_versions.c.memory)
    .where(memory_versions.c.memory_id == bindparam("id"))
    .order_by(memory_versions.c.version),
    only,
)
_REMOVE = MEMORIES.removing_version()
# In one order, so that of two who recall the same memories none waits for the other in a circle.
_chosen = (
    select(_m.id)
    .where(_m.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .order_by(_m.id)
    .with_for_update(key_share=True)
    .cte("chosen")
)
_at = bindparam("at", type_=DateTime(timezone=True))
_RECALLED = Command(
    update(memories)
    .where(_m.id == _chosen.c.id)
    .values(access_count=_m.access_count + 1, last_accessed_at=func.greatest(_m.last_accessed_at, _at))
)
_FIRST = UUID(int=0)
_shared = (
    select(_m.id)
    .where(_m.workspace_id == bindparam("of_workspace"), _m.owner_id == bindparam("of_owner"), _m.shared)
    .order_by(_m.id)
    .with_for_update(key_share=True)
    .cte("chosen")
)
_UNSHARE = Statement(update(memories).where(_m.id == _shared.c.id).values(shared=False).returning(_m.id), only)
_UNSHARE_PASSAGES = Command(
    text("update passages set reader_id = :of_owner where kind = 'memory' and source_id = any(:ids)").bindparams(
        bindparam("of_owner", type_=Uuid()), bindparam("ids", type_=ARRAY(Uuid()))
    )
)
# Not by the owner alone, for which there is no index: they have something where they belong, or have left memories.
_FORGET_PASSAGES = Command(
    text(
        """
        delete from passages where (owner_id = :of_owner or reader_id = :of_owner) and workspace_id in (
          select workspace_id from members where user_id = :of_owner
          union select workspace_id from memories where owner_id = :of_owner
        )
        """
    ).bindparams(bindparam("of_owner", type_=Uuid()))
)
_FORGET = Command(delete(memories).where(_m.owner_id == bindparam("of_owner")))


class PostgresMemories(Memories):
    """Memories and their versions, as rows."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def add(self, memory: Memory, because: Event | None = None) -> None:
        if not await self._stored([memory]):
            raise MemoryExists
        self._changes.explain(because)

    @override
    async def add_all(self, memories: Sequence[Memory]) -> Collection[MemoryId]:
        stored = await self._stored(memories)
        if stored:
            self._changes.explain(None)
        return stored

    @override
    async def get(self, memory_id: MemoryId) -> Memory:
        return _found(await self._queries.one(_GET, id=memory_id))

    @override
    async def lock(self, memory_id: MemoryId) -> Memory:
        return _found(await self._queries.one(_LOCK, id=memory_id))

    @override
    async def of_digest(self, workspace_id: WorkspaceId, owner_id: UserId, digest: bytes) -> Memory | None:
        return await self._queries.one(_OF_DIGEST, of_workspace=workspace_id, of_owner=owner_id, wanted=digest)

    @override
    async def of_source(self, workspace_id: WorkspaceId, owner_id: UserId, source: MemorySource) -> Sequence[Memory]:
        return await self._queries.all(
            _OF_SOURCE, of_workspace=workspace_id, of_owner=owner_id, from_type=source.type, from_id=source.id
        )

    @override
    async def of_digests(
        self, workspace_id: WorkspaceId, owner_id: UserId, digests: Collection[bytes]
    ) -> Sequence[Memory]:
        return await self._queries.all(_OF_DIGESTS, of_workspace=workspace_id, of_owner=owner_id, wanted=list(digests))

    @override
    async def save(self, memory: Memory, because: Event | None = None) -> Memory:
        values = {name: value for name, value in MEMORIES.changes(memory).items() if name not in _COUNTED}
        stored = await self._queries.one(_SAVE, key=memory.id, expected=memory.version, **values)
        if stored is None:
            raise EditConflict
        saved = replace(memory, **stored)
        await self._keep(saved)
        self._changes.explain(because)
        return saved

    @override
    async def history(self, memory_id: MemoryId) -> Sequence[Memory]:
        return await self._queries.all(_HISTORY, id=memory_id)

    @override
    async def remove(self, memory: Memory, because: Event | None = None) -> None:
        if not await self._queries.run(_REMOVE, key=memory.id, expected=memory.version):
            raise EditConflict
        self._changes.explain(because)

    @override
    async def recalled(self, memory_ids: Collection[MemoryId], at: datetime) -> None:
        if memory_ids:
            await self._queries.run(_RECALLED, ids=list(memory_ids), at=at)

    @override
    async def link(self, memory_id: MemoryId, similar_to: MemoryId) -> None:
        await self._queries.run(_LINK, key=memory_id, earlier=similar_to)

    @override
    async def redate(
        self, workspace_id: WorkspaceId, retention: MemoryRetention, after: MemoryId | None, limit: int
    ) -> MemoryId | None:
        moved: Sequence[MemoryId] = await self._queries.all(
            REDATE,
            of_workspace=workspace_id,
            project_days=retention.project_days,
            task_days=retention.task_days,
            after=after or _FIRST,
            most=limit,
        )
        return max(moved) if len(moved) == limit else None

    @override
    async def unshare(self, workspace_id: WorkspaceId, owner_id: UserId) -> None:
        unshared = await self._queries.all(_UNSHARE, of_workspace=workspace_id, of_owner=owner_id)
        await self._queries.run(_UNSHARE_PASSAGES, of_owner=owner_id, ids=unshared)
        self._changes.explain(None)

    @override
    async def forget(self, owner_id: UserId) -> None:
        await self._queries.run(_FORGET_PASSAGES, of_owner=owner_id)
        await self._queries.run(_FORGET, of_owner=owner_id)
        self._changes.explain(None)

    async def _stored(self, memories: Sequence[Memory]) -> Sequence[MemoryId]:
        rows = [_row(memory) for memory in memories]
        return await self._queries.all(_ADD, rows=rows, versions=list(memories))

    async def _keep(self, memory: Memory) -> None:
        await self._queries.run(
            _ADD_VERSION,
            memory_id=memory.id,
            version=memory.version,
            workspace_id=memory.workspace_id,
            memory=memory,
            at=memory.updated_at,
        )


def _row(memory: Memory) -> dict[str, Any]:
    """The row as JSON, in which bytes are written as PostgreSQL reads them."""
    return {**MEMORIES.values(memory), "digest": f"\\x{memory.digest.hex()}"}


def _found(found: Found | None) -> Found:
    if found is None:
        raise NotFound
    return found
