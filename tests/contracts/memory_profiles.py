import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from application.ports.memory_profiles import MemoryProfileView
from domain.ids import MemoryId
from domain.memories import Memory, MemoryProfile, MemoryRetention, Tier
from tests.contracts.examples import Tenant, a_memory, a_tenant, later
from tests.contracts.stores import Stores

DAY = timedelta(days=1)
EMPTY = MemoryProfileView(stable=(), recent=(), updated_at=None)
_KEPT = MemoryRetention()


async def rebuild(stores: Stores, tenant: Tenant, at: datetime | None = None) -> MemoryProfile:
    """What the profile is now, as the job makes it, but for the job."""
    at = at or later(stores)
    async with stores.begin() as work:
        await work.memory_profiles.outdate(tenant.id, tenant.user.id, at)
        await work.commit(None)
    async with stores.begin() as work:
        profile = MemoryProfile.chosen(await work.memory_profiles.candidates(tenant.id, tenant.user.id, at), at)
        await work.memory_profiles.save(tenant.id, tenant.user.id, profile, at)
        return await work.commit(profile)


async def shown(stores: Stores, tenant: Tenant, at: datetime) -> tuple[list[MemoryId], list[MemoryId]]:
    view = await stores.memory_profiles.profile(tenant.id, tenant.user.id, at)
    return [line.memory_id for line in view.stable], [line.memory_id for line in view.recent]


async def changed(stores: Stores, tenant: Tenant, memory: Memory, **fields: Any) -> None:
    at = later(stores)
    async with stores.begin() as work:
        locked = await work.memories.lock(memory.id)
        await work.memories.save(replace(locked, **fields, updated_at=at), because=tenant.edited(at))
        await work.commit(None)


class MemoryProfilesContract:
    """Every `MemoryProfiles`."""

    async def test_candidates_suffice_to_choose_as_from_all_memories_of_the_owner(self, stores: Stores) -> None:
        tenant, other, at = await a_tenant(stores), await a_tenant(stores), later(stores)
        personal = [
            await a_memory(stores, tenant, created_at=at - age * DAY, access_count=uses, pinned=pinned)
            for age, uses, pinned in ((1, 0, False), (99, 7, False), (400, 0, True), (2, 7, False), (50, 3, True))
        ]
        tasks = [
            await a_memory(stores, tenant, {"tier": Tier.TASK}, created_at=at - age * DAY) for age in (0, 3, 13, 14, 15)
        ]
        gone = [
            await a_memory(stores, tenant, deleted_at=at),
            await a_memory(stores, tenant, superseded_by=MemoryId(uuid4())),
            await a_memory(stores, tenant, {"tier": Tier.TASK}, expires_at=at),
        ]
        theirs = await a_memory(stores, other)
        async with stores.begin() as work:
            found = await work.memory_profiles.candidates(tenant.id, tenant.user.id, at)
        assert MemoryProfile.chosen(found, at) == MemoryProfile.chosen([*personal, *tasks, *gone], at)
        assert theirs.id not in {memory.id for memory in found}
        assert len({memory.id for memory in found}) == len(found)

    async def test_of_many_memories_those_that_come_first_are_candidates(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        memories: list[Memory] = []
        async with stores.begin() as work:
            for number in range(130):
                uses, age = number * 37 % 40, number * 31 % 60
                tier: Tier = [Tier.PERSONAL, Tier.PROJECT][number % 3 == 0]
                memory = Memory.added(
                    tenant.id,
                    tenant.user.id,
                    {"content": f"{uuid4().hex[:3]} {number}", "tier": tier},
                    _KEPT,
                    at - age * DAY,
                )
                memories.append(replace(memory, access_count=uses, pinned=number % 11 == 0))
                await work.memories.add(memories[-1], because=tenant.edited(at))
            await work.commit(None)
        async with stores.begin() as work:
            found = await work.memory_profiles.candidates(tenant.id, tenant.user.id, at)
        assert MemoryProfile.chosen(found, at) == MemoryProfile.chosen(memories, at)

    async def test_who_says_that_it_is_outdated_waits_for_who_rebuilds_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await rebuild(stores, tenant)

        async def change() -> Memory:
            memory = await a_memory(stores, tenant)
            async with stores.begin() as work:
                await work.memory_profiles.outdate(tenant.id, tenant.user.id, later(stores))
                return await work.commit(memory)

        async with stores.begin() as work:
            await work.memory_profiles.candidates(tenant.id, tenant.user.id, later(stores))
            waiting = asyncio.ensure_future(change())
            await asyncio.sleep(0.1)
            assert not waiting.done()
            await work.commit(None)
        await waiting

    async def test_who_rebuilds_it_waits_for_who_has_said_that_it_is_outdated(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await rebuild(stores, tenant)

        async def candidates() -> list[MemoryId]:
            async with stores.begin() as work:
                found = await work.memory_profiles.candidates(tenant.id, tenant.user.id, later(stores))
                return [memory.id for memory in found]

        memory = Memory.added(tenant.id, tenant.user.id, {"content": "Likes tea."}, _KEPT, later(stores))
        async with stores.begin() as work:
            await work.memories.add(memory, because=tenant.edited(later(stores)))
            await work.memory_profiles.outdate(tenant.id, tenant.user.id, later(stores))
            waiting = asyncio.ensure_future(candidates())
            await asyncio.sleep(0.1)
            assert not waiting.done()
            await work.commit(None)
        assert await waiting == [memory.id]

    async def test_none_of_it_needs_an_event(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        head = await stores.activity.head(tenant.id)
        await rebuild(stores, tenant)
        assert await stores.activity.head(tenant.id) == head

    async def test_the_profile_of_a_user_who_goes_is_gone_and_is_not_made_again(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        await rebuild(stores, tenant)
        async with stores.begin() as work:
            await work.former_members.forget(tenant.user.id)
            work.record(tenant.edited(at))
            await work.commit(None)
        async with stores.begin() as work:
            await work.memory_profiles.save(tenant.id, tenant.user.id, MemoryProfile(), at)
            await work.commit(None)
        assert await stores.memory_profiles.profile(tenant.id, tenant.user.id, at) == EMPTY


class MemoryProfileViewsContract:
    """Every `MemoryProfileViews`."""

    async def test_before_there_is_any_the_profile_is_empty(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        await a_memory(stores, tenant)
        assert await stores.memory_profiles.profile(tenant.id, tenant.user.id, at) == EMPTY

    async def test_the_profile_is_shown_as_it_was_built(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        for said in ("Likes green tea.", "Lives in Brno."):
            await a_memory(stores, tenant, {"content": said})
        await a_memory(stores, tenant, {"content": "Buy paint for the boat.", "tier": Tier.TASK})
        at = later(stores)
        built = await rebuild(stores, tenant, at)
        assert [line.text for line in built.stable] == ["Lives in Brno.", "Likes green tea."]
        assert [line.text for line in built.recent] == ["Buy paint for the boat."]
        view = await stores.memory_profiles.profile(tenant.id, tenant.user.id, at)
        assert view == MemoryProfileView(stable=built.stable, recent=built.recent, updated_at=at)

    async def test_each_user_has_one_of_their_own_in_each_workspace(self, stores: Stores) -> None:
        one, other = await a_tenant(stores), await a_tenant(stores)
        await a_memory(stores, one)
        at = later(stores)
        await rebuild(stores, one, at)
        assert await stores.memory_profiles.profile(one.id, other.user.id, at) == EMPTY
        assert await stores.memory_profiles.profile(other.id, one.user.id, at) == EMPTY

    async def test_what_is_shown_is_what_the_memories_say_now(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        await rebuild(stores, tenant)
        await changed(stores, tenant, memory, content="Something else.")
        view = await stores.memory_profiles.profile(tenant.id, tenant.user.id, later(stores))
        assert [line.text for line in view.stable] == ["Something else."]

    @pytest.mark.parametrize("how", ["deleted", "superseded", "gone for good"])
    async def test_what_is_gone_is_not_shown_from_that_moment_on(self, stores: Stores, how: str) -> None:
        tenant = await a_tenant(stores)
        gone, stays = [await a_memory(stores, tenant) for _ in range(2)]
        await rebuild(stores, tenant)
        if how == "gone for good":
            async with stores.begin() as work:
                await work.memories.remove(gone, because=tenant.edited(later(stores)))
                await work.commit(None)
        elif how == "deleted":
            await changed(stores, tenant, gone, deleted_at=later(stores))
        else:
            await changed(stores, tenant, gone, superseded_by=stays.id)
        assert await shown(stores, tenant, later(stores)) == ([stays.id], [])

    async def test_what_is_over_or_not_of_late_any_more_is_not_shown(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        old = await a_memory(stores, tenant, {"tier": Tier.PROJECT}, created_at=at - 10 * DAY)
        over = await a_memory(stores, tenant, {"tier": Tier.TASK}, created_at=at, expires_at=at + 2 * DAY)
        await rebuild(stores, tenant, at)
        assert await shown(stores, tenant, at) == ([], [over.id, old.id])
        assert await shown(stores, tenant, at + 2 * DAY) == ([], [old.id])
        assert await shown(stores, tenant, at + 4 * DAY) == ([], [])
