import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from application.ports.collections import CollectionSummaryView, CollectionView
from domain.errors import EditConflict, NotFound
from domain.ids import CollectionId, MemoryId, UserId
from domain.memories import (
    Collection,
    CollectionCreated,
    CollectionExists,
    CollectionFields,
    CollectionKind,
    Memory,
)
from domain.pages import InvalidCursor, encode_cursor
from tests.contracts.examples import Tenant, a_memory, a_tenant, later, refused
from tests.contracts.stores import Stores


def unstored(stores: Stores, tenant: Tenant, fields: CollectionFields | None = None) -> Collection:
    whole: CollectionFields = {"name": f"Collection {uuid4().hex}", **(fields or {})}
    return Collection.created(tenant.id, tenant.user.id, whole, later(stores))


def created(tenant: Tenant, collection: Collection) -> CollectionCreated:
    return CollectionCreated.of(collection, by=tenant.user.actor, at=collection.created_at)


async def a_collection(stores: Stores, tenant: Tenant, fields: CollectionFields | None = None) -> Collection:
    collection = unstored(stores, tenant, fields)
    async with stores.begin() as work:
        await work.collections.add(collection, because=created(tenant, collection))
        return await work.commit(collection)


async def holding(stores: Stores, tenant: Tenant, collection: Collection, *ids: MemoryId) -> Collection:
    """The collection, which holds these memories from now on."""
    async with stores.begin() as work:
        locked = await work.collections.lock(collection.id)
        changed = replace(locked, memory_ids=ids, updated_at=later(stores))
        return await work.commit(await work.collections.save(changed, because=created(tenant, changed)))


async def shown(stores: Stores, collection: Collection) -> list[MemoryId]:
    """What members are shown that it holds; a unit of work sees the same."""
    view = await stores.collections.collection(collection.id)
    assert view is not None
    async with stores.begin() as work:
        assert (await work.collections.lock(collection.id)).memory_ids == tuple(view.memory_ids)
    return list(view.memory_ids)


async def delete(stores: Stores, tenant: Tenant, memory: Memory, *, undo: bool = False) -> None:
    at = later(stores)
    async with stores.begin() as work:
        locked = await work.memories.lock(memory.id)
        changed = replace(locked, deleted_at=None) if undo else locked.deleted(at)
        await work.memories.save(changed, because=tenant.edited(at))
        await work.commit(None)


class CollectionsContract:
    """Every `Collections`."""

    async def test_collections_are_found_by_their_names_in_the_order_of_their_ids(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        made = [await a_collection(stores, tenant, {"name": name}) for name in ("A", "B", "C")]
        await a_collection(stores, other, {"name": "A"})
        memory = await a_memory(stores, tenant)
        held = await holding(stores, tenant, made[1], memory.id)
        async with stores.begin() as work:
            found = await work.collections.of_names(tenant.id, tenant.user.id, {"B", "A", "D"})
            assert list(found) == sorted([made[0], held], key=lambda each: each.id)
            assert list(await work.collections.of_names(tenant.id, tenant.user.id, set())) == []

    async def test_a_collection_is_stored_as_it_was(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        full = await a_collection(stores, tenant, {"kind": CollectionKind.GOAL, "description": "By spring."})
        bare = await a_collection(stores, tenant)
        async with stores.begin() as work:
            assert await work.collections.lock(full.id) == full
            assert await work.collections.lock(bare.id) == bare

    async def test_an_unknown_collection_is_not_found(self, stores: Stores) -> None:
        async with refused(stores, NotFound) as work:
            await work.collections.lock(CollectionId(uuid4()))

    async def test_one_of_the_same_name_is_refused_whatever_the_path(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        first, second = await a_collection(stores, tenant), await a_collection(stores, tenant)
        again = unstored(stores, tenant, {"name": first.name})
        async with refused(stores, CollectionExists) as work:
            await work.collections.add(again, because=created(tenant, again))
        async with refused(stores, CollectionExists) as work:
            locked = await work.collections.lock(second.id)
            await work.collections.save(replace(locked, name=first.name), because=created(tenant, second))

    async def test_other_owners_and_workspaces_have_names_of_their_own(self, stores: Stores) -> None:
        name = f"Tea {uuid4().hex}"
        one, other = [await a_tenant(stores) for _ in range(2)]
        for tenant in (one, other):
            await a_collection(stores, tenant, {"name": name})
        guest = replace(unstored(stores, one, {"name": name}), owner_id=other.user.id)
        async with stores.begin() as work:
            await work.collections.add(guest, because=created(one, guest))
            await work.commit(None)
        assert await stores.collections.collection(guest.id) is not None

    async def test_it_is_found_by_its_name(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        collection = await holding(stores, tenant, await a_collection(stores, tenant), memory.id)
        async with stores.begin() as work:
            assert await work.collections.named(tenant.id, tenant.user.id, collection.name) == collection
            assert await work.collections.named(other.id, tenant.user.id, collection.name) is None
            assert await work.collections.named(tenant.id, other.user.id, collection.name) is None
            assert await work.collections.named(tenant.id, tenant.user.id, collection.name.upper()) is None

    async def test_callers_who_count_wait_for_each_other(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await a_collection(stores, await a_tenant(stores))

        async def add() -> int:
            collection = unstored(stores, tenant)
            async with stores.begin() as work:
                number = await work.collections.number_of(tenant.id, tenant.user.id)
                await work.collections.add(collection, because=created(tenant, collection))
                return await work.commit(number)

        assert sorted(await asyncio.gather(*(add() for _ in range(6)))) == list(range(6))

    async def test_what_it_holds_is_kept_in_order(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        a, b, c, d = [(await a_memory(stores, tenant)).id for _ in range(4)]
        collection = await a_collection(stores, tenant)
        for ids in ((c, a, b), (c, a, b, d), (b, c), (d, c, b, a), ()):
            assert (await holding(stores, tenant, collection, *ids)).memory_ids == ids
            assert await shown(stores, collection) == list(ids)
        async with stores.begin() as work:
            assert (await work.collections.lock(collection.id)).version == 6

    async def test_a_memory_is_in_several_collections(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        collections = [await a_collection(stores, tenant) for _ in range(2)]
        for collection in collections:
            await holding(stores, tenant, collection, memory.id)
        assert [await shown(stores, each) for each in collections] == [[memory.id], [memory.id]]

    async def test_a_deleted_memory_has_its_place_again_when_it_is_restored(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memories = [await a_memory(stores, tenant) for _ in range(3)]
        first, second, third = [memory.id for memory in memories]
        collection = await holding(stores, tenant, await a_collection(stores, tenant), first, second, third)
        await delete(stores, tenant, memories[0])
        assert await shown(stores, collection) == [second, third]
        await holding(stores, tenant, collection, third, second)
        await delete(stores, tenant, memories[0], undo=True)
        # It was first, and so is the one that came first meanwhile.
        assert await shown(stores, collection) == [*sorted([first, third]), second]

    async def test_a_memory_that_is_gone_for_good_is_in_no_collection(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        gone, stays = [await a_memory(stores, tenant) for _ in range(2)]
        collection = await holding(stores, tenant, await a_collection(stores, tenant), gone.id, stays.id)
        async with stores.begin() as work:
            await work.memories.remove(gone, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert await shown(stores, collection) == [stays.id]

    async def test_a_memory_that_is_not_there_cannot_be_held(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        collection = await a_collection(stores, tenant)
        async with refused(stores, NotFound) as work:
            locked = await work.collections.lock(collection.id)
            held = replace(locked, memory_ids=(MemoryId(uuid4()),))
            await work.collections.save(held, because=created(tenant, held))

    async def test_those_who_lock_one_wait_for_each_other(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        collection = await a_collection(stores, tenant)
        memories = [await a_memory(stores, tenant) for _ in range(6)]

        async def put(memory: Memory) -> None:
            async with stores.begin() as work:
                locked = await work.collections.lock(collection.id)
                changed = locked.holding(memory.id, later(stores))
                await work.collections.save(changed, because=created(tenant, changed))
                await work.commit(None)

        await asyncio.gather(*map(put, memories))
        assert sorted(await shown(stores, collection)) == sorted(memory.id for memory in memories)

    async def test_a_removed_collection_is_gone_and_its_memories_stay(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        collection = await holding(stores, tenant, await a_collection(stores, tenant), memory.id)
        async with stores.begin() as work:
            await work.collections.remove(collection, because=created(tenant, collection))
            await work.commit(None)
        assert await stores.collections.collection(collection.id) is None
        assert await stores.memories.memory(memory.id) is not None
        async with refused(stores, EditConflict) as work:
            await work.collections.save(collection, because=created(tenant, collection))

    async def test_collections_go_with_their_workspace(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        collection = await holding(stores, tenant, await a_collection(stores, tenant), memory.id)
        async with stores.begin() as work:
            await work.workspaces.remove(await work.workspaces.get(tenant.id), because=tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.collections.collection(collection.id) is None

    async def test_collections_go_with_their_owner(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        collection, others = await a_collection(stores, tenant), await a_collection(stores, await a_tenant(stores))
        async with stores.begin() as work:
            await work.former_members.forget(tenant.user.id)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.collections.collection(collection.id) is None
        assert await stores.collections.collection(others.id) is not None


class CollectionViewsContract:
    """Every `CollectionViews`."""

    async def test_a_collection_is_shown_as_it_is(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        collection = await holding(stores, tenant, await a_collection(stores, tenant), memory.id)
        assert await stores.collections.collection(collection.id) == CollectionView.of(collection)
        page = await stores.collections.collections(tenant.id, tenant.user.id, None, 10)
        view = CollectionView.of(collection)
        same = {name: getattr(view, name) for name in CollectionSummaryView.__slots__ if name != "memory_count"}
        assert list(page.items) == [CollectionSummaryView(memory_count=1, **same)]

    async def test_what_is_not_there_is_none(self, stores: Stores) -> None:
        assert await stores.collections.collection(CollectionId(uuid4())) is None

    async def test_the_owners_are_listed_newest_first_page_by_page(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        collections = [await a_collection(stores, tenant) for _ in range(5)]
        await a_collection(stores, other)
        page = await stores.collections.collections(tenant.id, tenant.user.id, None, 2)
        found = [view.id for view in page.items]
        while page.next_cursor is not None:
            page = await stores.collections.collections(tenant.id, tenant.user.id, page.next_cursor, 2)
            found += [view.id for view in page.items]
        assert found == [collection.id for collection in reversed(collections)]
        nobody = await stores.collections.collections(tenant.id, UserId(uuid4()), None, 10)
        assert list(nobody.items) == []

    async def test_an_owners_are_given_of_all_workspaces_in_the_order_of_their_ids(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        first = await holding(stores, tenant, await a_collection(stores, tenant), memory.id)
        elsewhere = replace(unstored(stores, other), owner_id=tenant.user.id)
        async with stores.begin() as work:
            await work.collections.add(elsewhere, because=created(other, elsewhere))
            await work.commit(None)
        await a_collection(stores, other)
        views = [CollectionView.of(first), CollectionView.of(elsewhere)]
        assert list(await stores.collections.owned(tenant.user.id, None, 10)) == views
        assert list(await stores.collections.owned(tenant.user.id, None, 1)) == views[:1]
        assert list(await stores.collections.owned(tenant.user.id, first.id, 10)) == views[1:]

    async def test_deleted_memories_are_not_counted(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memories = [await a_memory(stores, tenant) for _ in range(2)]
        collection = await a_collection(stores, tenant)
        await holding(stores, tenant, collection, *(memory.id for memory in memories))
        await delete(stores, tenant, memories[0])
        page = await stores.collections.collections(tenant.id, tenant.user.id, None, 10)
        assert [view.memory_count for view in page.items] == [1]

    @pytest.mark.parametrize("cursor", ["", "!", encode_cursor("x"), encode_cursor(1, 2, 3)])
    async def test_a_cursor_that_the_list_never_gave_is_refused(self, stores: Stores, cursor: str) -> None:
        tenant = await a_tenant(stores)
        with pytest.raises(InvalidCursor):
            await stores.collections.collections(tenant.id, tenant.user.id, cursor, 10)
