"""Memories that nobody will need: what goes, what stays, and what a stop or a crash leaves behind."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from typing_extensions import override

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.pruning import MemoryDeletedMemories, MemoryPruningViews
from application.memories.prune_memories import BATCH, MemoryPruner, PruneMemories
from application.memories.rebuild_profile import RebuildProfile
from application.ports.pruning import PrunableMemory, PruningViews
from domain.actors import SYSTEM
from domain.ids import MemoryId
from domain.jobs import Claim, JobCancelled, LeaseLost
from domain.knowledge import Source, SourceKind, Standing, passages_of
from domain.memories import RESTORABLE, Change, Memory, MemoryChanges, MemoryEdited, MemoryRetention, Tier
from tests.application.memories.keeping import DAY, Keeper, claimed, finished
from tests.application.world import LEASE, World


class Meanwhile(PruningViews):
    """Views after whose answer something happens, once."""

    def __init__(self, world: World, then: Callable[[], Awaitable[object]]) -> None:
        self._views = MemoryPruningViews(world.store)
        self._then: Callable[[], Awaitable[object]] | None = then

    @override
    async def due(self, at: datetime, after: MemoryId | None, limit: int) -> Sequence[PrunableMemory]:
        found = await self._views.due(at, after, limit)
        if self._then is not None:
            then, self._then = self._then, None
            await then()
        return found


class Cancelling(MemoryJobProgress):
    """Is asked to stop after so many reports."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._left = after

    @override
    async def report(self, percent: int, note: str | None = None) -> None:
        self._left -= 1
        if not self._left:
            self.cancel()
        await super().report(percent, note)


def pruner(world: World, views: PruningViews | None = None) -> MemoryPruner:
    views = views or MemoryPruningViews(world.store)
    return MemoryPruner(world.begin, views, MemoryDeletedMemories(world.store), world.clock)


async def prune(
    world: World, views: PruningViews | None = None, progress: MemoryJobProgress | None = None
) -> MemoryJobProgress:
    progress = progress or MemoryJobProgress()

    async def do(claim: Claim) -> None:
        await pruner(world, views)(PruneMemories(), claim, progress)

    await finished(world, PruneMemories(), do)
    return progress


def changed(memory: Memory) -> MemoryEdited:
    """An event that any change of a test may be explained by."""
    return MemoryEdited.of(memory, by=SYSTEM, at=memory.created_at)


async def many(keeper: Keeper, number: int) -> list[Memory]:
    expired: dict[str, Any] = {"tier": Tier.TASK, "expires_at": keeper.world.clock.now()}
    return [await keeper.remembers(f"Note {each}", **expired) for each in range(number)]


def left(keeper: Keeper) -> set[MemoryId]:
    """The memories that are there and not deleted."""
    return {row.id for row in keeper.world.store.memories.rows.values() if row.deleted_at is None}


async def test_what_is_over_goes_and_everything_else_stays(world: World) -> None:
    keeper = await Keeper.new(world)
    at = world.clock.now()
    old: dict[str, Any] = {"created_at": at - 200 * DAY, "updated_at": at - 200 * DAY}
    expired = await keeper.remembers("Buy paint.", tier=Tier.TASK, expires_at=at)
    superseded = await keeper.remembers("Anna is 30.", {"tier": Tier.PROJECT}, superseded_by=MemoryId(uuid4()), **old)
    stays = [
        await keeper.remembers("Likes tea.", superseded_by=MemoryId(uuid4()), **old),
        await keeper.remembers("Never forget.", {"tier": Tier.TASK, "pinned": True}, **old),
        await keeper.remembers("Build a shed.", {"tier": Tier.PROJECT}, **old),
        await keeper.remembers("Call Anna.", {"tier": Tier.TASK}),
    ]
    progress = await prune(world)

    for memory, reason in ((expired, "expired"), (superseded, "superseded")):
        gone = keeper.memory(memory.id)
        assert gone
        assert (gone.deleted_at, gone.change, gone.version) == (gone.updated_at, Change.PRUNED, 2)
        (event,) = [each for each in world.events(keeper.workspace.id) if each.subject.id == memory.id][1:]
        assert (event.type, event.actor, event.data["reason"]) == ("memory.pruned", SYSTEM, reason)
        assert memory.content not in str(event)
    assert left(keeper) == {memory.id for memory in stays}
    assert progress.reports[-1] == (100, "2 memories pruned (1 expired, 1 superseded); 0 gone for good")


async def test_what_is_pruned_is_not_found_any_more_and_its_owners_profile_is_rebuilt(world: World) -> None:
    keeper, other = await Keeper.new(world), await Keeper.new(world, "eve@example.com")
    at = world.clock.now()
    memory = await keeper.remembers("Buy paint.", tier=Tier.TASK, expires_at=at)
    await other.remembers("Likes tea.")
    source, standing = Source(SourceKind.MEMORY, memory.id), Standing(owner_id=keeper.id, at=at)
    async with world.begin() as work:
        passages = passages_of(keeper.workspace.id, source, memory.content, at)
        await work.passages.replace(keeper.workspace.id, source, passages, standing, "en")
        work.record(changed(memory))
        await work.commit(None)
    await prune(world)
    async with world.begin() as work:
        assert await work.passages.of(source) == ()
    waiting = [job.payload for job in world.store.jobs.rows.values() if job.type == RebuildProfile.type]
    assert waiting == [{"workspace_id": str(keeper.workspace.id), "owner_id": str(keeper.id)}]


async def test_a_pruned_memory_can_be_restored_for_30_days_and_is_gone_then(world: World) -> None:
    keeper = await Keeper.new(world)
    kept, gone = await many(keeper, 2)
    await prune(world)
    async with world.begin() as work:
        pruned = await work.memories.lock(kept.id)
        restored = pruned.undone(await work.memories.history(kept.id), world.clock.now()).redated(MemoryRetention())
        await work.memories.save(restored, because=changed(kept))
        await work.commit(None)
    world.clock.advance(RESTORABLE)
    assert (await prune(world)).reports[-1] == (100, "1 memory pruned (1 expired); 0 gone for good")
    world.clock.advance(timedelta(seconds=1))
    assert (await prune(world)).reports[-1] == (100, "No memory to prune; 1 gone for good")
    assert keeper.memory(gone.id) is None
    assert keeper.memory(kept.id) is not None
    assert not [version for version in world.store.memory_versions.rows.values() if version.id == gone.id]


async def test_versions_that_were_replaced_longer_ago_than_can_be_undone_are_gone(world: World) -> None:
    keeper = await Keeper.new(world)
    memory = await keeper.remembers("Likes tea.")
    for content in ("Likes green tea.", "Likes black tea."):
        world.clock.advance(20 * DAY)
        async with world.begin() as work:
            locked = await work.memories.lock(memory.id)
            edited = locked.edited({"content": content}, MemoryRetention(), world.clock.now())
            await work.memories.save(edited, because=changed(memory))
            await work.commit(None)
    world.clock.advance(11 * DAY)
    await prune(world)
    assert sorted(version.version for version in world.store.memory_versions.rows.values()) == [2, 3]


async def test_done_again_it_finds_nothing_to_do(world: World) -> None:
    keeper = await Keeper.new(world)
    await many(keeper, 3)
    await prune(world)
    happened = world.happened()
    assert (await prune(world)).reports == [(100, "No memory to prune; 0 gone for good")]
    assert world.happened() == happened


async def test_more_than_a_batch_goes_batch_by_batch(world: World) -> None:
    keeper = await Keeper.new(world)
    await many(keeper, BATCH + 1)
    progress = await prune(world)
    assert [note for _, note in progress.reports] == [
        f"{BATCH} memories pruned ({BATCH} expired)",
        f"{BATCH + 1} memories pruned ({BATCH + 1} expired)",
        f"{BATCH + 1} memories pruned ({BATCH + 1} expired); 0 gone for good",
    ]
    assert left(keeper) == set()


async def test_who_cancels_it_stops_it_after_a_batch_and_what_was_done_stays_done(world: World) -> None:
    keeper = await Keeper.new(world)
    await many(keeper, BATCH + 1)
    with pytest.raises(JobCancelled):
        await prune(world, progress=Cancelling(after=1))
    assert len(left(keeper)) == 1
    await prune(world)
    assert left(keeper) == set()


async def test_a_worker_that_lost_its_lease_prunes_nothing(world: World) -> None:
    keeper = await Keeper.new(world)
    memories = await many(keeper, 2)
    claim = await claimed(world, PruneMemories())
    world.clock.advance(LEASE)
    await world.queue.expire()
    with pytest.raises(LeaseLost):
        await pruner(world)(PruneMemories(), claim, MemoryJobProgress())
    assert left(keeper) == {memory.id for memory in memories}


@pytest.mark.parametrize("what", ["pinned", "recalled", "removed", "made personal"])
async def test_what_changed_meanwhile_counts(world: World, what: str) -> None:
    keeper = await Keeper.new(world)
    at = world.clock.now()
    old: dict[str, Any] = {
        "created_at": at - 200 * DAY,
        "updated_at": at - 200 * DAY,
        "superseded_by": MemoryId(uuid4()),
    }
    memory = await keeper.remembers("Anna is 30.", {"tier": Tier.PROJECT}, **old)
    other = await keeper.remembers("Anna is 31.", {"tier": Tier.PROJECT}, **old)

    async def meanwhile() -> None:
        async with world.begin() as work:
            locked = await work.memories.lock(memory.id)
            if what == "removed":
                await work.memories.remove(locked, because=changed(memory))
            elif what == "recalled":
                await work.memories.recalled([memory.id], at)
            else:
                changes: MemoryChanges = {"pinned": True} if what == "pinned" else {"tier": Tier.PERSONAL}
                edited = locked.edited(changes, MemoryRetention(), at)
                await work.memories.save(edited, because=changed(memory))
            await work.commit(None)

    progress = await prune(world, Meanwhile(world, meanwhile))
    assert progress.reports[-1] == (100, "1 memory pruned (1 superseded); 0 gone for good")
    assert left(keeper) == (set() if what == "removed" else {memory.id})
    assert other.id not in left(keeper)


async def test_looking_changes_nothing(world: World) -> None:
    keeper = await Keeper.new(world)
    memories = await many(keeper, 3)
    await keeper.remembers("Buy nails.", deleted_at=world.clock.now() - RESTORABLE - DAY)
    happened = world.happened()
    due = [memory async for batch in pruner(world).due() for memory in batch]
    assert [memory.id for memory in due] == sorted(memory.id for memory in memories)
    assert await pruner(world).overdue() == 1
    assert world.happened() == happened
    assert left(keeper) == {memory.id for memory in memories}
