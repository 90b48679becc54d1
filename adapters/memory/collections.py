from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from typing_extensions import override

from adapters.memory.pages import newest_first
from adapters.memory.store import CollectedMemory, MemoryStore
from adapters.memory.table import Transaction
from application.ports.collections import Collections, CollectionSummaryView, CollectionView, CollectionViews
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import CollectionId, MemoryId, UserId, WorkspaceId
from domain.memories import Collection, Memory
from domain.pages import Page


class MemoryCollections(Collections):
    """Collections within a transaction; their rows hold no memories, those of `collection_memories` do."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._transaction = transaction

    @override
    async def add(self, collection: Collection, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._store.collections, collection)

    @override
    async def number_of(self, workspace_id: WorkspaceId, owner_id: UserId) -> int:
        await self._transaction.lock("collections of", workspace_id, owner_id)
        collections = self._transaction.all(self._store.collections)
        return sum((each.workspace_id, each.owner_id) == (workspace_id, owner_id) for each in collections)

    @override
    async def lock(self, collection_id: CollectionId) -> Collection:
        collection = await self._transaction.locked(self._store.collections, collection_id)
        if collection is None:
            raise NotFound
        return replace(collection, memory_ids=self._held(collection_id))

    @override
    async def named(self, workspace_id: WorkspaceId, owner_id: UserId, name: str) -> Collection | None:
        for each in self._transaction.all(self._store.collections):
            if (each.workspace_id, each.owner_id, each.name) == (workspace_id, owner_id, name):
                return await self.lock(each.id)
        return None

    @override
    async def of_names(
        self, workspace_id: WorkspaceId, owner_id: UserId, names: AbstractSet[str]
    ) -> Sequence[Collection]:
        wanted = {(workspace_id, owner_id, name) for name in names}
        there = self._transaction.all(self._store.collections)
        found = sorted(each.id for each in there if (each.workspace_id, each.owner_id, each.name) in wanted)
        return [await self.lock(collection_id) for collection_id in found]

    @override
    async def save(self, collection: Collection, because: Event) -> Collection:
        self._transaction.explain(because)
        saved = await self._transaction.replace(self._store.collections, replace(collection, memory_ids=()))
        for memory_id in set(self._held(collection.id)) - set(collection.memory_ids):
            await self._transaction.remove(self._store.collection_memories, (collection.id, memory_id))
        for position, memory_id in enumerate(collection.memory_ids):
            if self._transaction.get(self._store.memories, memory_id) is None:
                raise NotFound
            held = CollectedMemory(collection.workspace_id, collection.id, memory_id, position)
            await self._transaction.put(self._store.collection_memories, held)
        return replace(saved, memory_ids=collection.memory_ids)

    @override
    async def remove(self, collection: Collection, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.remove(self._store.collections, collection.id)
        for held in self._transaction.all(self._store.collection_memories):
            if held.collection_id == collection.id:
                await self._transaction.remove(self._store.collection_memories, (collection.id, held.memory_id))

    def _held(self, collection_id: CollectionId) -> tuple[MemoryId, ...]:
        held = (each for each in self._transaction.all(self._store.collection_memories))
        return _shown(
            (each for each in held if each.collection_id == collection_id), self._transaction.all(self._store.memories)
        )


class MemoryCollectionViews(CollectionViews):
    """Committed collections."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def collections(
        self, workspace_id: WorkspaceId, owner_id: UserId, cursor: str | None, limit: int
    ) -> Page[CollectionSummaryView]:
        rows = self._store.collections.rows.values()
        own = (each for each in rows if (each.workspace_id, each.owner_id) == (workspace_id, owner_id))
        return newest_first((self._summary(each) for each in own), cursor, limit)

    @override
    async def owned(self, owner_id: UserId, after: CollectionId | None, limit: int) -> Sequence[CollectionView]:
        owned = (row for row in self._store.collections.rows.values() if row.owner_id == owner_id)
        found = sorted((row for row in owned if after is None or row.id > after), key=lambda row: row.id)
        return [self._view(row) for row in found[:limit]]

    @override
    async def collection(self, collection_id: CollectionId) -> CollectionView | None:
        collection = self._store.collections.rows.get(collection_id)
        return self._view(collection) if collection else None

    def _view(self, collection: Collection) -> CollectionView:
        return CollectionView.of(replace(collection, memory_ids=self._held(collection.id)))

    def _summary(self, collection: Collection) -> CollectionSummaryView:
        return CollectionSummaryView(
            id=collection.id,
            workspace_id=collection.workspace_id,
            owner_id=collection.owner_id,
            kind=collection.kind,
            name=collection.name,
            description=collection.description,
            memory_count=len(self._held(collection.id)),
            version=collection.version,
            created_at=collection.created_at,
            updated_at=collection.updated_at,
        )

    def _held(self, collection_id: CollectionId) -> tuple[MemoryId, ...]:
        rows = self._store.collection_memories.rows.values()
        held = (each for each in rows if each.collection_id == collection_id)
        return _shown(held, self._store.memories.rows.values())


def _shown(held: Iterable[CollectedMemory], memories: Iterable[Memory]) -> tuple[MemoryId, ...]:
    """The memories in order that are there and not deleted."""
    there = {memory.id for memory in memories if memory.deleted_at is None}
    placed = sorted((each.position, each.memory_id) for each in held)
    return tuple(memory_id for _, memory_id in placed if memory_id in there)
