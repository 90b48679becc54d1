import asyncio
from uuid import uuid4

import pytest

from adapters.memory.collections import MemoryCollectionViews
from application.memories.collections import (
    AddCollection,
    EditCollection,
    ListCollections,
    PutIntoCollection,
    ReadCollection,
    RemoveCollection,
    ReorderCollection,
    TakeFromCollection,
    collect,
)
from application.ports.collections import CollectionView
from domain.access import Caller, Grant, Role
from domain.errors import Forbidden, NotFound, Stale
from domain.ids import CollectionId, MemoryId
from domain.memories import (
    CollectionExists,
    CollectionKind,
    MemoryDeleted,
    TooManyCollections,
)
from domain.memories.collections import MOST_COLLECTIONS
from tests.application.memories.keeping import Keeper
from tests.application.world import World


async def a_collection(keeper: Keeper, name: str = "Tea") -> CollectionView:
    return await AddCollection(keeper.world.begin, keeper.world.clock)(
        keeper.caller, keeper.workspace.id, {"name": name}
    )


async def put(keeper: Keeper, collection: CollectionView, memory_id: MemoryId) -> CollectionView:
    return await PutIntoCollection(keeper.world.begin, keeper.world.clock)(keeper.caller, collection.id, memory_id)


def colleague(keeper: Keeper, role: Role = Role.ADMIN) -> Caller:
    """Another member of the workspace."""
    return Caller(actor=keeper.world.stranger().actor, grants={keeper.workspace.id: Grant.of(role)})


async def test_memories_are_put_sorted_and_taken_out_and_each_change_is_told_once(world: World) -> None:
    keeper = await Keeper.new(world)
    first, second = await keeper.remembers("Likes tea."), await keeper.remembers("Likes coffee.")
    collection = await a_collection(keeper)
    await put(keeper, collection, first.id)
    await put(keeper, collection, second.id)
    held = await put(keeper, collection, first.id)
    assert (held.memory_ids, held.version) == ((first.id, second.id), 3)
    reorder = ReorderCollection(world.begin, world.clock)
    ordered = await reorder(keeper.caller, collection.id, [second.id, first.id])
    assert (ordered.memory_ids, ordered.version) == ((second.id, first.id), 4)
    assert await reorder(keeper.caller, collection.id, [second.id, first.id]) == ordered
    await TakeFromCollection(world.begin, world.clock)(keeper.caller, collection.id, second.id)
    views = MemoryCollectionViews(world.store)
    assert (await ReadCollection(views)(keeper.caller, collection.id)).memory_ids == (first.id,)
    page = await ListCollections(views)(keeper.caller, keeper.workspace.id, None, 10)
    assert [each.memory_count for each in page.items] == [1]
    events = [event for event in world.events(keeper.workspace.id) if event.subject.type == "collection"]
    assert [event.type for event in events] == ["collection.created", *["collection.edited"] * 4]
    assert not any("Tea" in str(event.data) for event in events)


async def test_fields_are_edited_and_an_edit_of_nothing_is_none(world: World) -> None:
    keeper = await Keeper.new(world)
    collection, edit = await a_collection(keeper), EditCollection(world.begin, world.clock)
    edited = await edit(keeper.caller, collection.id, {"kind": CollectionKind.GOAL}, collection.version)
    assert (edited.kind, edited.version) == (CollectionKind.GOAL, 2)
    assert await edit(keeper.caller, collection.id, {"name": "Tea"}) == edited
    with pytest.raises(Stale):
        await edit(keeper.caller, collection.id, {"name": "Coffee"}, collection.version)
    await a_collection(keeper, "Coffee")
    with pytest.raises(CollectionExists):
        await edit(keeper.caller, collection.id, {"name": "Coffee"})


@pytest.mark.parametrize("role", Role)
async def test_nobody_else_can_tell_a_collection_from_none_whatever_their_role(world: World, role: Role) -> None:
    keeper = await Keeper.new(world)
    memory, collection = await keeper.remembers("Likes tea."), await a_collection(keeper)
    other, views = colleague(keeper, role), MemoryCollectionViews(world.store)
    for identifier in (collection.id, CollectionId(uuid4())):
        for attempt in (
            ReadCollection(views)(other, identifier),
            EditCollection(world.begin, world.clock)(other, identifier, {"name": "Mine"}),
            RemoveCollection(world.begin, world.clock)(other, identifier),
            PutIntoCollection(world.begin, world.clock)(other, identifier, memory.id),
            TakeFromCollection(world.begin, world.clock)(other, identifier, memory.id),
            ReorderCollection(world.begin, world.clock)(other, identifier, []),
        ):
            with pytest.raises(NotFound):
                await attempt
    page = await ListCollections(views)(other, keeper.workspace.id, None, 10)
    assert list(page.items) == []


async def test_who_may_only_look_changes_none_of_their_own(world: World) -> None:
    keeper = await Keeper.new(world)
    collection = await a_collection(keeper)
    viewer = Caller(actor=keeper.caller.actor, grants={keeper.workspace.id: Grant.of(Role.VIEWER)})
    with pytest.raises(Forbidden):
        await RemoveCollection(world.begin, world.clock)(viewer, collection.id)
    with pytest.raises(Forbidden):
        await AddCollection(world.begin, world.clock)(viewer, keeper.workspace.id, {"name": "More"})


async def test_only_ones_own_memories_of_the_workspace_are_collected(world: World) -> None:
    keeper, other = await Keeper.new(world), await Keeper.new(world, "eve@example.com")
    collection = await a_collection(keeper)
    elsewhere = await other.remembers("Likes tea.")
    private = await other.remembers("Likes cake.", workspace_id=keeper.workspace.id)
    shared = await other.remembers("Likes jam.", {"shared": True}, workspace_id=keeper.workspace.id)
    deleted = await keeper.remembers("Likes milk.", deleted_at=world.clock.now())
    for memory, error in ((elsewhere, NotFound), (private, NotFound), (shared, Forbidden), (deleted, MemoryDeleted)):
        with pytest.raises(error):
            await put(keeper, collection, memory.id)
    with pytest.raises(NotFound):
        await put(keeper, collection, MemoryId(uuid4()))
    with pytest.raises(NotFound):
        await TakeFromCollection(world.begin, world.clock)(keeper.caller, collection.id, deleted.id)
    assert world.store.collection_memories.rows == {}


async def test_those_who_put_memories_in_at_once_all_do(world: World) -> None:
    keeper = await Keeper.new(world)
    collection = await a_collection(keeper)
    memories = [await keeper.remembers(f"Note {number}") for number in range(10)]
    await asyncio.gather(*(put(keeper, collection, memory.id) for memory in memories))
    view = await ReadCollection(MemoryCollectionViews(world.store))(keeper.caller, collection.id)
    assert sorted(view.memory_ids) == sorted(memory.id for memory in memories)


async def test_a_removed_collection_leaves_its_memories(world: World) -> None:
    keeper = await Keeper.new(world)
    memory, collection = await keeper.remembers("Likes tea."), await a_collection(keeper)
    await put(keeper, collection, memory.id)
    remove = RemoveCollection(world.begin, world.clock)
    with pytest.raises(Stale):
        await remove(keeper.caller, collection.id, collection.version)
    await remove(keeper.caller, collection.id, collection.version + 1)
    assert keeper.memory(memory.id) == memory
    assert world.happened()[-1] == "collection.removed"
    with pytest.raises(NotFound):
        await remove(keeper.caller, collection.id)


async def test_nobody_has_more_collections_than_they_may_not_even_at_once(world: World) -> None:
    keeper = await Keeper.new(world)
    for number in range(MOST_COLLECTIONS - 1):
        await a_collection(keeper, f"Collection {number}")
    made = await asyncio.gather(*(a_collection(keeper, name) for name in "ab"), return_exceptions=True)
    assert sorted(type(each).__name__ for each in made) == ["CollectionView", "TooManyCollections"]


async def test_what_is_collected_for_somebody_goes_into_the_one_of_that_name(world: World) -> None:
    keeper = await Keeper.new(world)
    memories = [await keeper.remembers(f"Note {number}") for number in range(3)]
    for memory in (*memories, memories[0]):
        async with world.begin() as work:
            kind, by, at = CollectionKind.PREFERENCES, keeper.caller.actor, world.clock.now()
            await collect(work, memory, kind, " Preferences ", by=by, at=at)
            await work.commit(None)
    (collection,) = world.store.collections.rows.values()
    assert (collection.name, collection.kind) == ("Preferences", CollectionKind.PREFERENCES)
    view = await ReadCollection(MemoryCollectionViews(world.store))(keeper.caller, collection.id)
    assert view.memory_ids == tuple(memory.id for memory in memories)


async def test_nothing_is_collected_into_one_collection_too_many(world: World) -> None:
    keeper = await Keeper.new(world)
    for number in range(MOST_COLLECTIONS):
        await a_collection(keeper, f"Collection {number}")
    memory = await keeper.remembers("Likes tea.")
    async with world.begin() as work:
        by, at = keeper.caller.actor, world.clock.now()
        await collect(work, memory, CollectionKind.FREE, "Collection 7", by=by, at=at)
        with pytest.raises(TooManyCollections):
            await collect(work, memory, CollectionKind.FREE, "One more", by=by, at=at)
