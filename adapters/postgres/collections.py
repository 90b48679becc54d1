from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from sqlalchemy import Text, Uuid, any_, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.pages import newest_first, page_of_newest, place
from adapters.postgres.statements import Command, Database, Queries, Statement, only
from adapters.postgres.tables import collection_memories, collections, members, memories
from application.ports.collections import Collections, CollectionSummaryView, CollectionView, CollectionViews
from domain.activity import Event
from domain.errors import EditConflict, NotFound
from domain.ids import CollectionId, MemoryId, UserId, WorkspaceId
from domain.memories import Collection
from domain.pages import Page

_c = collections.c
_held = collection_memories.c
_COLUMNS = tuple(_c.keys())
_CHANGING = ("kind", "name", "description", "updated_at")
_shown = (_held.collection_id == bindparam("id"), memories.c.deleted_at.is_(None))
_held_memories = collection_memories.join(memories, memories.c.id == _held.memory_id)


def _collection(**columns: Any) -> Collection:
    return Collection(**columns)


_of_owner = (_c.workspace_id == bindparam("of_workspace"), _c.owner_id == bindparam("of_owner"))
_LOCK_MEMBER = Command(
    select(members.c.user_id)
    .where(members.c.workspace_id == bindparam("of_workspace"), members.c.user_id == bindparam("of_owner"))
    .with_for_update(key_share=True)
)
_NUMBER = Statement(select(func.count().label("number")).where(*_of_owner), only)
_LOCK = Statement(select(collections).where(_c.id == bindparam("id")).with_for_update(key_share=True), _collection)
_NAMED = Statement(select(_c.id).where(*_of_owner, _c.name == bindparam("called")), only)
_OF_NAMES = Statement(
    select(_c.id).where(*_of_owner, _c.name == any_(bindparam("called", type_=ARRAY(Text())))).order_by(_c.id), only
)
_HELD = Statement(
    select(_held.memory_id).select_from(_held_memories).where(*_shown).order_by(_held.position, _held.memory_id), only
)
_ADD = Command(collections.insert(), columns=_COLUMNS)
_as_locked = (_c.id == bindparam("key"), _c.version == bindparam("expected"))
_SAVE = Command(collections.update().where(*_as_locked).values(version=_c.version + 1), columns=_CHANGING)
_REMOVE = Command(collections.delete().where(*_as_locked))
_TAKE = Command(
    delete(collection_memories).where(
        _held.collection_id == bindparam("of_collection"),
        _held.memory_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
    )
)
_PUT = Command(
    text(
        """
        insert into collection_memories (collection_id, memory_id, workspace_id, position)
        select :of_collection, held.memory_id, :of_workspace, held.place - 1
        from unnest(:ids) with ordinality as held (memory_id, place)
        on conflict (collection_id, memory_id) do update set position = excluded.position
        where collection_memories.position <> excluded.position
        """
    ).bindparams(
        bindparam("of_collection", type_=Uuid()),
        bindparam("of_workspace", type_=Uuid()),
        bindparam("ids", type_=ARRAY(Uuid())),
    )
)


class PostgresCollections(Collections):
    """Collections, as rows, and what they hold, as rows of its own."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes
        self._locked: dict[CollectionId, tuple[MemoryId, ...]] = {}

    @override
    async def add(self, collection: Collection, because: Event) -> None:
        await self._queries.run(_ADD, **{name: getattr(collection, name) for name in _COLUMNS})
        self._changes.explain(because)

    @override
    async def number_of(self, workspace_id: WorkspaceId, owner_id: UserId) -> int:
        await self._queries.run(_LOCK_MEMBER, of_workspace=workspace_id, of_owner=owner_id)
        return await self._queries.one(_NUMBER, of_workspace=workspace_id, of_owner=owner_id) or 0

    @override
    async def lock(self, collection_id: CollectionId) -> Collection:
        # Two statements: one alone would wait for the lock with a snapshot from before.
        collection = await self._queries.one(_LOCK, id=collection_id)
        if collection is None:
            raise NotFound
        held = self._locked[collection_id] = tuple(await self._queries.all(_HELD, id=collection_id))
        return replace(collection, memory_ids=held)

    @override
    async def named(self, workspace_id: WorkspaceId, owner_id: UserId, name: str) -> Collection | None:
        found = await self._queries.one(_NAMED, of_workspace=workspace_id, of_owner=owner_id, called=name)
        return None if found is None else await self.lock(found)

    @override
    async def of_names(
        self, workspace_id: WorkspaceId, owner_id: UserId, names: AbstractSet[str]
    ) -> Sequence[Collection]:
        found = await self._queries.all(_OF_NAMES, of_workspace=workspace_id, of_owner=owner_id, called=list(names))
        return [await self.lock(collection_id) for collection_id in found]

    @override
    async def save(self, collection: Collection, because: Event) -> Collection:
        changes = {name: getattr(collection, name) for name in _CHANGING}
        if not await self._queries.run(_SAVE, key=collection.id, expected=collection.version, **changes):
            raise EditConflict
        await self._hold(collection)
        self._changes.explain(because)
        return replace(collection, version=collection.version + 1)

    @override
    async def remove(self, collection: Collection, because: Event) -> None:
        if not await self._queries.run(_REMOVE, key=collection.id, expected=collection.version):
            raise EditConflict
        self._changes.explain(because)

    async def _hold(self, collection: Collection) -> None:
        before, after = self._locked.get(collection.id, ()), collection.memory_ids
        if taken := [memory_id for memory_id in before if memory_id not in set(after)]:
            await self._queries.run(_TAKE, of_collection=collection.id, ids=taken)
        if after != before:
            await self._queries.run(
                _PUT, of_collection=collection.id, of_workspace=collection.workspace_id, ids=list(after)
            )
        self._locked[collection.id] = after


def _view(*, memory_ids: list[MemoryId] | None, **columns: Any) -> CollectionView:
    return CollectionView(memory_ids=tuple(memory_ids or ()), **columns)


def _summary(**columns: Any) -> CollectionSummaryView:
    return CollectionSummaryView(**columns)


_of_row = (_held.collection_id == _c.id, memories.c.deleted_at.is_(None))
_ids = func.array_agg(aggregate_order_by(_held.memory_id, _held.position, _held.memory_id))
_memory_ids = select(_ids).select_from(_held_memories).where(*_of_row).scalar_subquery().label("memory_ids")
_memory_count = select(func.count()).select_from(_held_memories).where(*_of_row).scalar_subquery().label("memory_count")
_whole = select(collections, _memory_ids)
_VIEW = Statement(_whole.where(_c.id == bindparam("id")), _view)
_owned = _whole.where(_c.owner_id == bindparam("of_owner")).order_by(_c.id).limit(bindparam("most"))
_FIRST_OWNED = Statement(_owned, _view)
_NEXT_OWNED = Statement(_owned.where(_c.id > bindparam("after")), _view)
_own = select(collections, _memory_count).where(*_of_owner)
_FIRST = Statement(newest_first(_own, collections, behind=False), _summary)
_NEXT = Statement(newest_first(_own, collections, behind=True), _summary)


class PostgresCollectionViews(CollectionViews):
    """Collections, straight from their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def collections(
        self, workspace_id: WorkspaceId, owner_id: UserId, cursor: str | None, limit: int
    ) -> Page[CollectionSummaryView]:
        listing = _FIRST if cursor is None else _NEXT
        found = await self._database.all(listing, of_workspace=workspace_id, of_owner=owner_id, **place(cursor, limit))
        return page_of_newest(found, limit)

    @override
    async def owned(self, owner_id: UserId, after: CollectionId | None, limit: int) -> Sequence[CollectionView]:
        if after is None:
            return await self._database.all(_FIRST_OWNED, of_owner=owner_id, most=limit)
        return await self._database.all(_NEXT_OWNED, of_owner=owner_id, most=limit, after=after)

    @override
    async def collection(self, collection_id: CollectionId) -> CollectionView | None:
        return await self._database.one(_VIEW, id=collection_id)
