"""The collections of one's memories: their list, and what one does with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.memories.access import own
from application.ports.clock import Clock
from application.ports.collections import (
    CollectionSummaryView,
    CollectionsWork,
    CollectionView,
    CollectionViews,
)
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.actors import Actor
from domain.errors import NotFound
from domain.ids import CollectionId, MemoryId, UserId, WorkspaceId
from domain.memories import (
    Collection,
    CollectionCreated,
    CollectionEdited,
    CollectionFields,
    CollectionKind,
    CollectionRemoved,
    Memory,
    MemoryDeleted,
    check_collections,
)
from domain.pages import Page
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class ListCollections:
    """Shows one's collections in a workspace."""

    views: CollectionViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, cursor: str | None, limit: int
    ) -> Page[CollectionSummaryView]:
        """A page of them, newest first.

        Raises:
            NotFound, Forbidden: the caller may not. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.MEMORY_READ, workspace_id)
        return await self.views.collections(workspace_id, UserId(caller.actor.id), cursor, limit)


@dataclass(frozen=True, slots=True)
class ReadCollection:
    """Shows a collection of one's own."""

    views: CollectionViews

    async def __call__(self, caller: Caller, collection_id: CollectionId) -> CollectionView:
        """The collection with the ids of its memories.

        Raises:
            NotFound: the caller has none such. Forbidden: they may not.
        """
        view = await self.views.collection(collection_id)
        if view is None or view.owner_id != caller.actor.id:
            raise NotFound
        caller.must(Permission.MEMORY_READ, view.workspace_id)
        return view


@dataclass(frozen=True, slots=True)
class AddCollection:
    """Adds an empty collection."""

    begin: Begin[CollectionsWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, fields: CollectionFields) -> CollectionView:
        """The new collection.

        Raises:
            NotFound, Forbidden: the caller may not. Invalid: a field cannot be taken.
            CollectionExists: the caller has one of this name. TooManyCollections: they have enough.
        """
        caller.must(Permission.MEMORY_WRITE, workspace_id)
        now, owner_id = self.clock.now(), UserId(caller.actor.id)
        collection = Collection.created(workspace_id, owner_id, fields, now)
        async with self.begin() as work:
            check_collections(await work.collections.number_of(workspace_id, owner_id))
            await work.collections.add(collection, because=CollectionCreated.of(collection, by=caller.actor, at=now))
            return await work.commit(CollectionView.of(collection))


@dataclass(frozen=True, slots=True)
class EditCollection:
    """Changes some fields of a collection."""

    begin: Begin[CollectionsWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, collection_id: CollectionId, fields: CollectionFields, expected: int | None = None
    ) -> CollectionView:
        """The collection as it is now; one in which nothing changes keeps its version.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            Invalid: a field cannot be taken. CollectionExists: the caller has another one of this name.
        """
        async with self.begin() as work:
            collection = await _own(work, caller, collection_id, expected)
            now = self.clock.now()
            edited = await _saved(work, collection, collection.edited(fields, now), by=caller.actor, at=now)
            return await work.commit(CollectionView.of(edited))


@dataclass(frozen=True, slots=True)
class RemoveCollection:
    """Removes a collection, and none of its memories."""

    begin: Begin[CollectionsWork]
    clock: Clock

    async def __call__(self, caller: Caller, collection_id: CollectionId, expected: int | None = None) -> None:
        """Nothing; it is gone.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
        """
        async with self.begin() as work:
            collection = await _own(work, caller, collection_id, expected)
            removed = CollectionRemoved.of(collection, by=caller.actor, at=self.clock.now())
            await work.collections.remove(collection, because=removed)
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class PutIntoCollection:
    """Puts a memory at the end of a collection."""

    begin: Begin[CollectionsWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, collection_id: CollectionId, memory_id: MemoryId, expected: int | None = None
    ) -> CollectionView:
        """The collection as it is now; one that holds the memory stays as it is.

        Raises:
            NotFound, Forbidden: the caller may not, or the memory is not their own, or of another workspace.
            Stale: it is not the version expected. MemoryDeleted: the memory is. CollectionFull: there is no room.
        """
        async with self.begin() as work:
            collection = await _own(work, caller, collection_id, expected)
            now = self.clock.now()
            memory = own(caller, await work.memories.get(memory_id), now, Permission.MEMORY_WRITE)
            if memory.workspace_id != collection.workspace_id:
                raise NotFound
            if memory.deleted_at is not None:
                raise MemoryDeleted
            held = await _saved(work, collection, collection.holding(memory.id, now), by=caller.actor, at=now)
            return await work.commit(CollectionView.of(held))


@dataclass(frozen=True, slots=True)
class TakeFromCollection:
    """Takes a memory out of a collection."""

    begin: Begin[CollectionsWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, collection_id: CollectionId, memory_id: MemoryId, expected: int | None = None
    ) -> None:
        """Nothing; the collection does not hold it, and the memory stays.

        Raises:
            NotFound, Forbidden: the caller may not, or it does not hold the memory.
            Stale: it is not the version expected.
        """
        async with self.begin() as work:
            collection = await _own(work, caller, collection_id, expected)
            if memory_id not in collection.memory_ids:
                raise NotFound
            now = self.clock.now()
            await _saved(work, collection, collection.without(memory_id, now), by=caller.actor, at=now)
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class ReorderCollection:
    """Puts the memories of a collection in another order."""

    begin: Begin[CollectionsWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, collection_id: CollectionId, ids: Sequence[MemoryId], expected: int | None = None
    ) -> CollectionView:
        """The collection in its new order.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            Invalid: `ids` are not exactly the memories it holds.
        """
        async with self.begin() as work:
            collection = await _own(work, caller, collection_id, expected)
            now = self.clock.now()
            ordered = await _saved(work, collection, collection.ordered(ids, now), by=caller.actor, at=now)
            return await work.commit(CollectionView.of(ordered))


async def collect(
    work: CollectionsWork, memory: Memory, kind: CollectionKind, name: str, *, by: Actor, at: datetime
) -> Collection:
    """Puts the memory into its owner's collection of this name, which is made, of this kind, when there is none.

    Raises:
        Invalid: it is no name. CollectionFull, TooManyCollections: there is no room.
    """
    workspace_id, owner_id = memory.workspace_id, memory.owner_id
    number = await work.collections.number_of(workspace_id, owner_id)
    wanted = Collection.created(workspace_id, owner_id, {"kind": kind, "name": name}, at)
    collection = await work.collections.named(workspace_id, owner_id, wanted.name)
    if collection is None:
        check_collections(number)
        collection = wanted
        await work.collections.add(collection, because=CollectionCreated.of(collection, by=by, at=at))
    return await _saved(work, collection, collection.holding(memory.id, at), by=by, at=at)


async def _own(work: CollectionsWork, caller: Caller, collection_id: CollectionId, expected: int | None) -> Collection:
    """The caller's collection, locked. Nobody else may know of it, whatever their role."""
    collection = await work.collections.lock(collection_id)
    if collection.owner_id != caller.actor.id:
        raise NotFound
    caller.must(Permission.MEMORY_WRITE, collection.workspace_id)
    check_version(collection.version, expected)
    return collection


async def _saved(
    work: CollectionsWork, before: Collection, after: Collection, *, by: Actor, at: datetime
) -> Collection:
    if after == before:
        return before
    return await work.collections.save(after, because=CollectionEdited.of(after, by=by, at=at))
