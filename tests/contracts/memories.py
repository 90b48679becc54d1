import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from application.memories.findable import source_of, standing_of
from application.ports.memories import MemoryFilter, MemoryPolicy, MemoryVersionView, MemoryView
from domain.errors import EditConflict, NotFound
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.knowledge import Filters, SourceKind, passages_of
from domain.memories import (
    Change,
    Emotion,
    Goal,
    Memory,
    MemoryAdded,
    MemoryChanges,
    MemoryExists,
    MemoryMetadata,
    MemoryRetention,
    MemorySource,
    MemorySourceType,
    Task,
    Tier,
)
from domain.pages import InvalidCursor, encode_cursor
from tests.contracts.examples import MEMBER, Tenant, a_memory, a_tenant, later, refused
from tests.contracts.stores import Stores

FULL = MemoryMetadata(
    emotion=Emotion(label="glad", intensity=0.25, about="the trip"),
    goal=Goal(title="Run", due=datetime(2027, 1, 2).date()),  # noqa: DTZ001 (a date has no zone)
    task=Task(title="Buy shoes"),
)


class MemoriesContract:
    """Every `Memories`."""

    async def test_a_memory_is_stored_as_it_was(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        bare = await a_memory(stores, tenant)
        full = await a_memory(
            stores,
            tenant,
            {"content": "Ž" * 10_000, "tier": Tier.TASK, "tags": ["a", "ž"], "metadata": FULL, "shared": True},
            source=MemorySource(MemorySourceType.MESSAGE, uuid4()),
            superseded_by=MemoryId(uuid4()),
            similar_to=bare.id,
            last_accessed_at=later(stores),
            access_count=3,
            undoes=1,
            version=2,
        )
        async with stores.begin() as work:
            assert await work.memories.get(bare.id) == bare
            assert await work.memories.get(full.id) == full
            assert await work.memories.lock(full.id) == full

    async def test_an_unknown_memory_is_not_found(self, stores: Stores) -> None:
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.memories.get(MemoryId(uuid4()))
            with pytest.raises(NotFound):
                await work.memories.lock(MemoryId(uuid4()))

    async def test_who_locks_a_memory_sees_what_the_one_before_did(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)

        async def pin_or_share() -> None:
            async with stores.begin() as work:
                locked = await work.memories.lock(memory.id)
                changed = replace(locked, shared=True) if locked.pinned else replace(locked, pinned=True)
                await work.memories.save(changed, because=tenant.edited(later(stores)))
                await work.commit(None)

        await asyncio.gather(pin_or_share(), pin_or_share())
        stored = await _stored(stores, memory)
        assert (stored.pinned, stored.shared, stored.version) == (True, True, 3)

    async def test_the_same_words_of_one_owner_in_a_workspace_are_one_live_memory(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        first = await a_memory(stores, tenant, {"content": "Likes tea."})
        second = _memory(stores, tenant, {"content": "likes  TEA"})
        async with stores.begin() as work:
            with pytest.raises(MemoryExists):
                await work.memories.add(second, because=tenant.edited(later(stores)))
            # The unit can go on.
            assert await work.memories.of_digest(tenant.id, tenant.user.id, second.digest) == first
            other = _memory(stores, tenant, {"content": "Likes cake."})
            await work.memories.add(other, because=tenant.edited(later(stores)))
            await work.commit(None)
        elsewhere = await a_memory(stores, await a_tenant(stores), {"content": "Likes tea."})
        assert (await _stored(stores, elsewhere)).content == "Likes tea."
        assert await stores.memories.memory(second.id) is None

    @pytest.mark.parametrize("ended", ["deleted", "superseded"])
    async def test_the_words_of_one_that_is_not_live_are_free(self, stores: Stores, ended: str) -> None:
        tenant = await a_tenant(stores)
        first = await a_memory(stores, tenant, {"content": "Likes tea."})
        at = later(stores)
        await _save(stores, tenant, first.deleted(at) if ended == "deleted" else first.superseded(first.id, at))
        async with stores.begin() as work:
            assert await work.memories.of_digest(tenant.id, tenant.user.id, first.digest) is None
        second = await a_memory(stores, tenant, {"content": "Likes tea."})
        async with refused(stores, MemoryExists) as work:
            back = replace(await work.memories.get(first.id), deleted_at=None, superseded_by=None)
            await work.memories.save(back, because=tenant.edited(later(stores)))
        async with stores.begin() as work:
            assert await work.memories.of_digest(tenant.id, tenant.user.id, first.digest) == second

    async def test_of_two_who_add_the_same_words_at_once_one_does_and_the_other_finds_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)

        async def add() -> MemoryId:
            memory = _memory(stores, tenant, {"content": "Likes tea."})
            async with stores.begin() as work:
                try:
                    await work.memories.add(memory, because=tenant.edited(later(stores)))
                except MemoryExists:
                    found = await work.memories.of_digest(tenant.id, tenant.user.id, memory.digest)
                    assert found is not None
                    return found.id
                return await work.commit(memory.id)

        assert len(set(await asyncio.gather(*(add() for _ in range(4))))) == 1

    async def test_of_many_those_are_stored_whose_words_are_new(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        present = await a_memory(stores, tenant, {"content": "Likes tea."})
        full: MemoryChanges = {"content": "Žluť\n\\x", "tier": Tier.TASK, "tags": ["a", 'ž, "b"'], "metadata": FULL}
        new = [_memory(stores, tenant, full), _memory(stores, tenant, {"content": "Likes cake.", "tags": []})]
        repeated = _memory(stores, tenant, {"content": "likes cake"})
        again = _memory(stores, tenant, {"content": "likes tea"})
        async with stores.begin() as work:
            stored = await work.memories.add_all([new[0], again, new[1], repeated])
            assert set(stored) == {memory.id for memory in new}
            assert list(await work.memories.add_all([])) == []
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        for memory in new:
            assert await _stored(stores, memory) == memory
            async with stores.begin() as work:
                assert list(await work.memories.history(memory.id)) == [memory]
        async with stores.begin() as work:
            assert list(await work.memories.history(present.id)) == [present]
            assert list(await work.memories.add_all([again])) == []
            await work.commit(None)
        found = await stores.memories.several([repeated.id, again.id])
        assert list(found) == []

    async def test_a_memory_of_no_workspace_or_user_is_not_stored(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = _memory(stores, tenant)
        for lost in (replace(memory, workspace_id=WorkspaceId(uuid4())), replace(memory, owner_id=UserId(uuid4()))):
            async with refused(stores, NotFound) as work:
                await work.memories.add(lost, because=tenant.edited(later(stores)))

    async def test_saving_raises_the_version_by_one_and_keeps_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        edited = memory.edited({"content": "New.", "metadata": FULL}, MemoryRetention(), later(stores))
        saved = await _save(stores, tenant, edited)
        assert saved == replace(edited, version=2)
        assert await _stored(stores, memory) == saved
        async with stores.begin() as work:
            assert list(await work.memories.history(memory.id)) == [memory, saved]

    async def test_of_two_units_that_read_one_version_the_second_gets_the_conflict(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        async with stores.begin() as one, stores.begin() as two:
            first, second = await one.memories.get(memory.id), await two.memories.get(memory.id)
            await one.memories.save(replace(first, pinned=True), because=tenant.edited(later(stores)))
            await one.commit(None)
            with pytest.raises(EditConflict):
                await two.memories.save(replace(second, shared=True), because=tenant.edited(later(stores)))

    async def test_recalling_counts_and_makes_no_version(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory, other = await a_memory(stores, tenant), await a_memory(stores, tenant)
        first, second = later(stores), later(stores)
        for at in (second, first):
            async with stores.begin() as work:
                await work.memories.recalled([memory.id, memory.id, MemoryId(uuid4())], at)
                await work.commit(None)
        async with stores.begin() as work:
            await work.memories.recalled([], later(stores))
            await work.commit(None)
        assert await _stored(stores, memory) == replace(memory, access_count=2, last_accessed_at=second)
        assert await _stored(stores, other) == other
        async with stores.begin() as work:
            assert len(await work.memories.history(memory.id)) == 1

    async def test_saving_keeps_what_was_counted_meanwhile(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        at = later(stores)
        async with stores.begin() as work:
            await work.memories.recalled([memory.id], at)
            await work.commit(None)
        saved = await _save(stores, tenant, replace(memory, pinned=True))
        assert (saved.access_count, saved.last_accessed_at) == (1, at)
        assert await _stored(stores, memory) == saved

    async def test_those_who_recall_the_same_memories_at_once_all_count(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        ids = [(await a_memory(stores, tenant)).id for _ in range(5)]

        async def recall(order: int) -> None:
            async with stores.begin() as work:
                await work.memories.recalled(ids[::order], later(stores))
                await work.commit(None)

        await asyncio.gather(*(recall(order) for order in (1, -1) * 4))
        assert {view.access_count for view in await stores.memories.several(ids)} == {8}

    async def test_a_removed_memory_is_gone_with_its_versions(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        saved = await _save(stores, tenant, replace(memory, pinned=True))
        async with refused(stores, EditConflict) as work:
            await work.memories.remove(memory, because=tenant.edited(later(stores)))
        async with stores.begin() as work:
            await work.memories.remove(saved, because=tenant.edited(later(stores)))
            with pytest.raises(NotFound):
                await work.memories.get(memory.id)
            await work.commit(None)
        async with stores.begin() as work:
            assert list(await work.memories.history(memory.id)) == []
        assert await stores.memories.memory(memory.id) is None
        assert list((await stores.memories.versions(memory.id, None, 10)).items) == []
        async with refused(stores, EditConflict) as work:
            await work.memories.save(saved, because=tenant.edited(later(stores)))

    async def test_redating_moves_the_end_of_what_is_not_deleted_and_of_its_passages(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        retention = MemoryRetention(project_days=100, task_days=2)
        kinds: dict[str, tuple[MemoryChanges, dict[str, Any]]] = {
            "personal": ({}, {}),
            "project": ({"tier": Tier.PROJECT}, {}),
            "task": ({"tier": Tier.TASK}, {}),
            "pinned": ({"tier": Tier.TASK, "pinned": True}, {}),
            "superseded": ({"tier": Tier.TASK}, {"superseded_by": MemoryId(uuid4())}),
            "deleted": ({"tier": Tier.TASK}, {"deleted_at": later(stores)}),
        }
        made = {name: await a_memory(stores, tenant, changes, **fields) for name, (changes, fields) in kinds.items()}
        other = await a_memory(stores, await a_tenant(stores), {"tier": Tier.TASK})
        await _index(stores, made["task"])
        async with stores.begin() as work:
            assert await work.memories.redate(tenant.id, retention, None, 100) is None
            await work.commit(None)
        for name, memory in made.items():
            redated = memory if name == "deleted" else memory.redated(retention)
            assert await _stored(stores, memory) == redated, name
        assert made["task"].expires_at == made["task"].created_at + timedelta(days=30)
        assert (await _stored(stores, made["task"])).expires_at == made["task"].created_at + timedelta(days=2)
        assert await _stored(stores, other) == other
        assert await _finds(stores, made["task"], made["task"].created_at + timedelta(days=1))
        assert not await _finds(stores, made["task"], made["task"].created_at + timedelta(days=3))

    async def test_what_comes_from_a_message_and_is_not_deleted_is_found_by_it(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        source = MemorySource(MemorySourceType.MESSAGE, uuid4())
        found = [
            await a_memory(stores, tenant, source=source),
            await a_memory(stores, tenant, source=source, superseded_by=MemoryId(uuid4())),
        ]
        await a_memory(stores, tenant, source=source, deleted_at=later(stores))
        await a_memory(stores, tenant, source=MemorySource(MemorySourceType.RUN, source.id))
        await a_memory(stores, tenant, source=source, owner_id=other.user.id)
        await a_memory(stores, other, source=source, owner_id=tenant.user.id)
        said = await a_memory(stores, tenant)
        async with stores.begin() as work:
            assert list(await work.memories.of_source(tenant.id, tenant.user.id, source)) == found
            assert list(await work.memories.of_source(tenant.id, tenant.user.id, MemorySource())) == [said]

    async def test_what_a_user_shares_in_a_workspace_becomes_theirs_alone_and_nothing_else_changes(
        self, stores: Stores
    ) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        shared: MemoryChanges = {"shared": True}
        own = [await a_memory(stores, tenant, shared), await a_memory(stores, tenant, shared, deleted_at=later(stores))]
        kept = [
            await a_memory(stores, tenant),
            await a_memory(stores, tenant, shared, owner_id=other.user.id),
            await a_memory(stores, other, shared, owner_id=tenant.user.id),
        ]
        for memory in (own[0], *kept):
            await _index(stores, memory)
        async with stores.begin() as work:
            await work.memories.unshare(tenant.id, tenant.user.id)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert [await _stored(stores, memory) for memory in own] == [replace(memory, shared=False) for memory in own]
        assert [await _stored(stores, memory) for memory in kept] == kept
        by_reader = {
            tenant.user.id: {own[0].content, kept[0].content, kept[1].content},
            UserId(uuid4()): {kept[1].content},
        }
        for reader_id, contents in by_reader.items():
            only = Filters(workspace_id=tenant.id, reader_id=reader_id, at=later(stores))
            assert {passage.text for passage in await stores.passage_search.leading(only, 10)} == contents

    async def test_redating_goes_on_behind_the_last_one_and_leaves_out_what_is_right(self, stores: Stores) -> None:
        tenant, retention = await a_tenant(stores), MemoryRetention(task_days=2)
        made = [await a_memory(stores, tenant, {"tier": Tier.TASK}) for _ in range(5)]
        right = await a_memory(stores, tenant)
        first, second, third, fourth, fifth = sorted(memory.id for memory in made)
        async with stores.begin() as work:
            assert await work.memories.redate(tenant.id, retention, None, 2) == second
            assert await work.memories.redate(tenant.id, retention, second, 2) == fourth
            assert await work.memories.redate(tenant.id, retention, fourth, 2) is None
            assert await work.memories.redate(tenant.id, retention, None, 1) is None
            await work.commit(None)
        moved = {
            view.id for view in await stores.memories.several([*(m.id for m in made), right.id]) if view.expires_at
        }
        assert moved == {first, second, third, fourth, fifth}
        for memory in made:
            assert await _stored(stores, memory) == memory.redated(retention)

    async def test_a_link_is_made_once_and_is_no_change(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory, first, second = [await a_memory(stores, tenant) for _ in range(3)]
        for similar_to in (first.id, second.id):
            async with stores.begin() as work:
                await work.memories.link(memory.id, similar_to)
                await work.memories.link(MemoryId(uuid4()), similar_to)
                await work.commit(None)
        assert await _stored(stores, memory) == replace(memory, similar_to=first.id)
        async with stores.begin() as work:
            assert list(await work.memories.history(memory.id)) == [memory]

    async def test_of_some_digests_those_are_found_that_are_not_deleted(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        live = await a_memory(stores, tenant, {"content": "Likes tea."})
        old = await a_memory(stores, tenant, {"content": "Likes tea."}, superseded_by=live.id)
        gone = await a_memory(stores, tenant, {"content": "Likes jam."}, deleted_at=later(stores))
        rum = await a_memory(stores, tenant, {"content": "Likes rum."})
        await a_memory(stores, other, {"content": "Likes tea."})
        await a_memory(stores, tenant, {"content": "Likes tea."}, owner_id=other.user.id)
        async with stores.begin() as work:
            found = await work.memories.of_digests(tenant.id, tenant.user.id, {live.digest, gone.digest, rum.digest})
            assert {memory.id for memory in found} == {live.id, old.id, rum.id}
            assert list(await work.memories.of_digests(tenant.id, tenant.user.id, set())) == []

    async def test_memories_are_redated_and_recalled_at_once(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        ids = [(await a_memory(stores, tenant, {"tier": Tier.TASK})).id for _ in range(5)]

        async def redate(days: int) -> None:
            async with stores.begin() as work:
                await work.memories.redate(tenant.id, MemoryRetention(task_days=days), None, 100)
                await work.commit(None)

        async def recall(order: int) -> None:
            async with stores.begin() as work:
                await work.memories.recalled(ids[::order], later(stores))
                await work.commit(None)

        await asyncio.gather(*(redate(days) for days in (3, 4)), *(recall(order) for order in (1, -1) * 2))
        assert {view.access_count for view in await stores.memories.several(ids)} == {4}

    async def test_a_user_is_forgotten_in_all_workspaces_and_nobody_else(self, stores: Stores) -> None:
        tenant, host = await a_tenant(stores), await a_tenant(stores)
        own = [await a_memory(stores, tenant, {"shared": shared}) for shared in (False, True)]
        own.append(await a_memory(stores, host, owner_id=tenant.user.id))
        others = [await a_memory(stores, host), await a_memory(stores, tenant, owner_id=host.user.id)]
        for memory in (*own, *others):
            await _index(stores, memory)
        async with stores.begin() as work:
            await work.memories.forget(tenant.user.id)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.memories.owned(tenant.user.id, None, None, 10) == []
        async with stores.begin() as work:
            assert [list(await work.memories.history(memory.id)) for memory in own] == [[], [], []]
            assert [list(await work.passages.of(source_of(memory.id))) for memory in own] == [[], [], []]
            assert all([await work.passages.of(source_of(memory.id)) for memory in others])
        assert {view.id for view in await stores.memories.several([each.id for each in others])} == {
            each.id for each in others
        }

    async def test_memories_go_with_their_workspace(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        async with stores.begin() as work:
            await work.workspaces.remove(tenant.workspace, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.memories.memory(memory.id) is None
        assert list((await stores.memories.versions(memory.id, None, 10)).items) == []


class MemoryPoliciesContract:
    """Every `MemoryPolicies`."""

    async def test_where_nobody_has_chosen_it_is_as_the_tiers_say(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        policy = MemoryPolicy(workspace_id=tenant.id, language=tenant.workspace.language)
        assert (policy.retention, policy.version) == (MemoryRetention(), 1)
        async with stores.begin() as work:
            assert await work.memory_policies.get(tenant.id) == policy
            assert await work.memory_policies.lock(tenant.id) == policy
        assert await stores.memories.policy(tenant.id) == policy

    async def test_an_unknown_workspace_has_none(self, stores: Stores) -> None:
        unknown = WorkspaceId(uuid4())
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.memory_policies.get(unknown)
            with pytest.raises(NotFound):
                await work.memory_policies.lock(unknown)
        assert await stores.memories.policy(unknown) is None

    async def test_a_choice_is_stored_and_counted(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        for version, retention in ((2, MemoryRetention(project_days=60)), (3, MemoryRetention(task_days=7))):
            async with stores.begin() as work:
                locked = await work.memory_policies.lock(tenant.id)
                saved = await work.memory_policies.save(
                    replace(locked, retention=retention), because=tenant.edited(later(stores))
                )
                await work.commit(None)
            assert saved == replace(locked, retention=retention, version=version)
            assert await stores.memories.policy(tenant.id) == saved

    async def test_a_policy_speaks_the_language_of_the_workspace_as_it_is_now(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as work:
            locked = await work.memory_policies.lock(tenant.id)
            await work.memory_policies.save(locked, because=tenant.edited(later(stores)))
            await work.workspaces.save(replace(tenant.workspace, language="cs"), because=tenant.edited(later(stores)))
            await work.commit(None)
        policy = await stores.memories.policy(tenant.id)
        assert policy is not None
        assert policy.language == "cs"

    async def test_who_changes_it_waits_for_those_who_use_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        asked, ended = asyncio.Event(), asyncio.Event()

        async def add() -> None:
            async with stores.begin() as work:
                policy = await work.memory_policies.get(tenant.id)
                asked.set()
                await ended.wait()
                memory = _memory(stores, tenant, {"tier": Tier.TASK}).redated(policy.retention)
                await work.memories.add(memory, because=tenant.edited(later(stores)))
                await work.commit(None)

        async def shorten() -> None:
            await asked.wait()
            async with stores.begin() as work:
                asyncio.get_running_loop().call_later(0.05, ended.set)
                policy = await work.memory_policies.lock(tenant.id)
                shorter = MemoryRetention(task_days=1)
                await work.memory_policies.save(
                    replace(policy, retention=shorter), because=tenant.edited(later(stores))
                )
                await work.memories.redate(tenant.id, shorter, None, 100)
                await work.commit(None)

        await asyncio.gather(add(), shorten())
        (memory,) = await stores.memories.owned(tenant.user.id, tenant.id, None, 10)
        assert memory.expires_at == memory.created_at + timedelta(days=1)


class MemoryViewsContract:
    """Every `MemoryViews`."""

    async def test_a_memory_is_shown_as_it_is_stored_in_whatever_state(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant, {"metadata": FULL, "tags": ["x"]}, deleted_at=later(stores))
        assert await stores.memories.memory(memory.id) == MemoryView.of(memory)
        assert await stores.memories.memory(MemoryId(uuid4())) is None

    async def test_several_are_those_that_are_there(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memories = [await a_memory(stores, tenant) for _ in range(3)]
        await a_memory(stores, tenant)
        found = await stores.memories.several([*(memory.id for memory in memories), MemoryId(uuid4())])
        assert sorted(view.id for view in found) == sorted(memory.id for memory in memories)
        assert list(await stores.memories.several([])) == []

    async def test_memories_are_paged_newest_first(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memories = [await a_memory(stores, tenant) for _ in range(5)]
        await a_memory(stores, await a_tenant(stores), owner_id=tenant.user.id)
        only = MemoryFilter(reader_id=tenant.user.id)
        first = await stores.memories.memories(tenant.id, only, None, 3)
        second = await stores.memories.memories(tenant.id, only, first.next_cursor, 3)
        assert [*first.items, *second.items] == [MemoryView.of(memory) for memory in reversed(memories)]
        assert second.next_cursor is None

    async def test_a_reader_sees_their_own_and_what_others_share(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        own = await a_memory(stores, tenant)
        await a_memory(stores, tenant, owner_id=other.user.id)
        shared = await a_memory(stores, tenant, {"shared": True}, owner_id=other.user.id)
        assert await _listed(stores, tenant) == [shared, own]
        assert await _listed(stores, tenant, shared=True) == [shared]
        assert await _listed(stores, tenant, shared=False) == [own]

    async def test_each_filter_leaves_out_what_does_not_pass(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        tea = await a_memory(stores, tenant, {"content": "Likes 100 % green TEA_x", "tags": ["drinks", "ž"]})
        task = await a_memory(stores, tenant, {"content": "Buy shoes", "tier": Tier.TASK})
        assert await _listed(stores, tenant, tier=Tier.TASK) == [task]
        assert await _listed(stores, tenant, tag="drinks") == [tea]
        assert await _listed(stores, tenant, tag="drink") == []
        for words in ("green tea_", "100 %", "LIKES"):
            assert await _listed(stores, tenant, q=words) == [tea]
        assert await _listed(stores, tenant, q="%") == [tea]
        assert await _listed(stores, tenant, q="_hoes") == []
        assert await _listed(stores, tenant, q="shoes", tier=Tier.TASK, tag=None, shared=False) == [task]

    async def test_what_is_superseded_or_deleted_comes_when_it_is_asked_for(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        live = await a_memory(stores, tenant)
        superseded = await a_memory(stores, tenant, superseded_by=live.id)
        before, at = later(stores), later(stores)
        await a_memory(stores, tenant, deleted_at=before)
        deleted = await a_memory(stores, tenant, deleted_at=at)
        await a_memory(stores, tenant, {"shared": True}, deleted_at=at, owner_id=other.user.id)
        assert await _listed(stores, tenant) == [live]
        assert await _listed(stores, tenant, superseded=True) == [superseded, live]
        assert await _listed(stores, tenant, deleted_after=before) == [deleted, live]
        assert await _listed(stores, tenant, superseded=True, deleted_after=before) == [deleted, superseded, live]

    async def test_versions_are_paged_newest_first(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        memory = await a_memory(stores, tenant)
        await a_memory(stores, tenant)
        versions = [memory]
        for number in range(3):
            edited = versions[-1].edited({"content": f"{number}"}, MemoryRetention(), later(stores))
            versions.append(await _save(stores, tenant, edited))
        first = await stores.memories.versions(memory.id, None, 3)
        second = await stores.memories.versions(memory.id, first.next_cursor, 3)
        assert [*first.items, *second.items] == [MemoryVersionView.of(each) for each in reversed(versions)]
        assert [version.change for version in first.items] == [Change.EDITED] * 3
        assert second.next_cursor is None

    async def test_what_a_user_owns_comes_by_id_in_whatever_state(self, stores: Stores) -> None:
        tenant, host = await a_tenant(stores), await a_tenant(stores)
        here = [
            await a_memory(stores, tenant),
            await a_memory(stores, tenant, deleted_at=later(stores)),
            await a_memory(stores, tenant, superseded_by=MemoryId(uuid4())),
        ]
        there = await a_memory(stores, host, owner_id=tenant.user.id)
        await a_memory(stores, tenant, {"shared": True}, owner_id=host.user.id)
        views = [MemoryView.of(memory) for memory in sorted([*here, there], key=lambda memory: memory.id)]
        assert list(await stores.memories.owned(tenant.user.id, None, None, 10)) == views
        assert list(await stores.memories.owned(tenant.user.id, None, views[1].id, 1)) == [views[2]]
        own = [view for view in views if view.workspace_id == tenant.id]
        assert list(await stores.memories.owned(tenant.user.id, tenant.id, None, 10)) == own
        assert list(await stores.memories.owned(tenant.user.id, tenant.id, own[-1].id, 10)) == []

    @pytest.mark.parametrize("cursor", ["x", encode_cursor(1), encode_cursor("2026-03-02T09:00:00", "0" * 32)])
    async def test_what_is_no_cursor_of_the_list_is_refused(self, stores: Stores, cursor: str) -> None:
        tenant = await a_tenant(stores)
        with pytest.raises(InvalidCursor):
            await stores.memories.memories(tenant.id, MemoryFilter(reader_id=tenant.user.id), cursor, 10)
        with pytest.raises(InvalidCursor):
            await stores.memories.versions(MemoryId(uuid4()), encode_cursor("x"), 10)


def _memory(stores: Stores, tenant: Tenant, changes: MemoryChanges | None = None) -> Memory:
    said: MemoryChanges = {"content": f"Note {uuid4().hex}", **(changes or {})}
    return Memory.added(tenant.id, tenant.user.id, said, MemoryRetention(), later(stores))


async def _save(stores: Stores, tenant: Tenant, memory: Memory) -> Memory:
    async with stores.begin() as work:
        return await work.commit(await work.memories.save(memory, because=tenant.edited(later(stores))))


async def _stored(stores: Stores, memory: Memory) -> Memory:
    async with stores.begin() as work:
        return await work.memories.get(memory.id)


async def _listed(stores: Stores, tenant: Tenant, **filters: Any) -> list[Memory]:
    """The memories that the tenant's owner sees, of which the views are these."""
    only = MemoryFilter(reader_id=tenant.user.id, **filters)
    page = await stores.memories.memories(tenant.id, only, None, 100)
    async with stores.begin() as work:
        memories = [await work.memories.get(view.id) for view in page.items]
    assert [MemoryView.of(memory) for memory in memories] == list(page.items)
    return memories


async def _index(stores: Stores, memory: Memory) -> None:
    source = source_of(memory.id)
    passages = passages_of(memory.workspace_id, source, memory.content, memory.created_at)
    async with stores.begin() as work:
        await work.passages.replace(memory.workspace_id, source, passages, standing_of(memory), "en")
        work.record(MemoryAdded.of(memory, by=MEMBER, at=memory.created_at))
        await work.commit(None)


async def _finds(stores: Stores, memory: Memory, at: datetime) -> bool:
    only = Filters(
        workspace_id=memory.workspace_id,
        reader_id=memory.owner_id,
        kinds=frozenset({SourceKind.MEMORY}),
        at=at,
    )
    return bool(await stores.passage_search.lexical(memory.content, "en", only, 10))
