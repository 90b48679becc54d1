import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from application.ports.pruning import PrunableMemory
from domain.ids import MemoryId
from domain.memories import Memory, PruneReason, Tier, prune_reason
from tests.contracts.collections import a_collection, holding, shown
from tests.contracts.examples import Tenant, a_memory, a_tenant, later
from tests.contracts.stores import Stores

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
MANY = 10_000  # more than other tests leave behind


async def saved(stores: Stores, tenant: Tenant, memory: Memory, at: datetime, **fields: Any) -> Memory:
    """Another version of the memory, of this moment."""
    async with stores.begin() as work:
        locked = await work.memories.lock(memory.id)
        changed = replace(locked, **fields, updated_at=at)
        return await work.commit(await work.memories.save(changed, because=tenant.edited(at)))


async def versions(stores: Stores, memory: Memory) -> list[int]:
    async with stores.begin() as work:
        return [version.version for version in await work.memories.history(memory.id)]


class PruningViewsContract:
    """Every `PruningViews`."""

    async def _due(self, stores: Stores, at: datetime, tenant: Tenant) -> list[PrunableMemory]:
        return [each for each in await stores.pruning.due(at, None, MANY) if each.workspace_id == tenant.id]

    async def test_due_are_those_with_a_reason(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        other, long_ago, task = MemoryId(uuid4()), at - 90 * DAY, {"tier": Tier.TASK}
        base: dict[str, Any] = {"created_at": at - 200 * DAY, "updated_at": at - 200 * DAY}
        kinds: list[dict[str, Any]] = [
            {**task, "expires_at": at},
            {**task, "expires_at": at + MOMENT},
            {**task, "expires_at": at, "pinned": True},
            {**task, "expires_at": at, "deleted_at": at},
            {**task, "expires_at": None, "superseded_by": other, "updated_at": long_ago},
            {**task, "expires_at": None, "superseded_by": other, "updated_at": long_ago + MOMENT},
            {**task, "expires_at": None, "superseded_by": other, "last_accessed_at": long_ago},
            {**task, "expires_at": None, "superseded_by": other, "last_accessed_at": long_ago + MOMENT},
            {**task, "expires_at": at, "superseded_by": other},
            {"tier": Tier.PROJECT, "superseded_by": other, "pinned": True},
            {"tier": Tier.PROJECT, "superseded_by": other},
            {"tier": Tier.PERSONAL, "superseded_by": other},
            {"tier": Tier.PROJECT},
        ]
        memories = [await a_memory(stores, tenant, **{**base, **fields}) for fields in kinds]
        reasons = {memory.id: prune_reason(memory, at) for memory in memories}
        assert list(reasons.values()).count(None) == 8
        due = await self._due(stores, at, tenant)
        assert {each.id: each.reason for each in due} == {key: reason for key, reason in reasons.items() if reason}

    async def test_they_are_told_without_what_they_say(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        memory = await a_memory(stores, tenant, tier=Tier.TASK, expires_at=at)
        assert await self._due(stores, at, tenant) == [
            PrunableMemory(
                id=memory.id,
                workspace_id=tenant.id,
                handle=str(tenant.workspace.handle),
                tier=Tier.TASK,
                reason=PruneReason.EXPIRED,
            )
        ]

    async def test_they_come_batch_by_batch_in_the_order_of_their_ids(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        memories = [await a_memory(stores, tenant, tier=Tier.TASK, expires_at=at) for _ in range(3)]
        found: list[MemoryId] = []
        batch: Sequence[PrunableMemory] = await stores.pruning.due(at, None, 2)
        while batch:
            assert len(batch) <= 2
            found += [each.id for each in batch]
            batch = await stores.pruning.due(at, batch[-1].id, 2)
        assert found == sorted(found)
        assert [each for each in found if each in {memory.id for memory in memories}] == [each.id for each in memories]


class DeletedMemoriesContract:
    """Every `DeletedMemories`."""

    async def test_what_was_deleted_before_is_gone_for_good_with_its_versions(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores) - 1000 * DAY
        gone = await a_memory(stores, tenant, created_at=at - 2 * DAY, updated_at=at - 2 * DAY)
        await saved(stores, tenant, gone, at - MOMENT, deleted_at=at - MOMENT)
        kept = [
            await a_memory(stores, tenant, created_at=at - DAY, updated_at=at - DAY),
            await a_memory(stores, tenant, created_at=at - DAY, updated_at=at, deleted_at=at),
        ]
        assert await stores.deleted_memories.overdue(at) >= 1
        while await stores.deleted_memories.purge(at, 100):
            pass
        assert await stores.deleted_memories.overdue(at) == 0
        assert await stores.memories.memory(gone.id) is None
        assert await versions(stores, gone) == []
        for memory in kept:
            assert await stores.memories.memory(memory.id) is not None
            assert await versions(stores, memory) == [1]

    async def test_no_more_go_at_once_than_were_asked_for(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores) - 2000 * DAY
        for _ in range(3):
            await a_memory(stores, tenant, created_at=at, updated_at=at, deleted_at=at)
        before = at + MOMENT
        while await stores.deleted_memories.overdue(before) > 3:
            await stores.deleted_memories.purge(before, 1)
        assert await stores.deleted_memories.purge(before, 2) == 2
        assert await stores.deleted_memories.overdue(before) == 1
        assert await stores.deleted_memories.purge(before, 2) == 1
        assert await stores.deleted_memories.purge(before, 2) == 0

    async def test_what_is_being_restored_stays(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores) - 3000 * DAY
        memory = await a_memory(stores, tenant, created_at=at, updated_at=at, deleted_at=at)
        async with stores.begin() as work:
            locked = await work.memories.lock(memory.id)
            async with asyncio.timeout(5):
                await stores.deleted_memories.purge(at + MOMENT, 100)
            restored = replace(locked, deleted_at=None, updated_at=later(stores))
            await work.memories.save(restored, because=tenant.edited(later(stores)))
            await work.commit(None)
        await stores.deleted_memories.purge(at + MOMENT, 100)
        view = await stores.memories.memory(memory.id)
        assert view is not None
        assert view.deleted_at is None

    async def test_a_purged_memory_is_in_no_collection(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores) - 4000 * DAY
        memory, stays = [await a_memory(stores, tenant, created_at=at, updated_at=at) for _ in range(2)]
        collection = await holding(stores, tenant, await a_collection(stores, tenant), memory.id, stays.id)
        await saved(stores, tenant, memory, at, deleted_at=at)
        while await stores.deleted_memories.purge(at + MOMENT, 100):
            pass
        assert await shown(stores, collection) == [stays.id]

    async def test_versions_that_others_replaced_before_are_gone(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores) - 500 * DAY
        memory = await a_memory(stores, tenant, created_at=at - 9 * DAY, updated_at=at - 9 * DAY)
        for age in (8, 3):
            await saved(stores, tenant, memory, at - age * DAY, content=f"{age} days")
        untouched = await a_memory(stores, tenant, created_at=at - 9 * DAY, updated_at=at - 9 * DAY)
        while await stores.deleted_memories.purge_versions(at - 3 * DAY, 1):
            pass
        # The second was what it is until three days ago, and so can still be come back to.
        assert await versions(stores, memory) == [2, 3]
        while await stores.deleted_memories.purge_versions(at, 100):
            pass
        assert await versions(stores, memory) == [3]
        assert await versions(stores, untouched) == [1]
