"""The standing profile: rebuilt after each change of its owner's memories, and lost by none."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.memory_profiles import MemoryMemoryProfileViews
from application.memories.read_profile import ReadProfile
from application.memories.rebuild_profile import SETTLED, ProfileRebuilder, RebuildProfile, profile_is_stale
from application.ports.jobs import JobProgress
from application.ports.memory_profiles import MemoryProfileView
from domain.errors import NotFound
from domain.ids import UserId, WorkspaceId
from domain.jobs import Claim, JobCancelled, JobStatus, LeaseLost
from domain.memories import Memory, MemoryAdded, MemoryRetention, Tier
from tests.application.memories.keeping import DAY, Keeper
from tests.application.world import LEASE, World


async def stale(keeper: Keeper) -> None:
    """Something of theirs has changed."""
    async with keeper.world.begin() as work:
        await profile_is_stale(work, keeper.workspace.id, keeper.id, keeper.world.clock.now())
        await work.commit(None)


def waiting(world: World) -> list[JobStatus]:
    jobs = [job for job in world.store.jobs.rows.values() if job.type == RebuildProfile.type]
    return [job.status for job in jobs if not job.ended]


async def claim(world: World) -> Claim:
    world.clock.advance(SETTLED)
    (claim,) = await world.queue.claim([RebuildProfile.type], 1, LEASE)
    return claim


async def rebuild(world: World, claimed: Claim, progress: JobProgress | None = None) -> None:
    given = {name: UUID(str(value)) for name, value in claimed.payload.items()}
    job = RebuildProfile(workspace_id=WorkspaceId(given["workspace_id"]), owner_id=UserId(given["owner_id"]))
    await ProfileRebuilder(world.begin, world.clock)(job, claimed, progress or MemoryJobProgress())


async def profile(keeper: Keeper) -> MemoryProfileView:
    read_profile = ReadProfile(MemoryMemoryProfileViews(keeper.world.store), keeper.world.clock)
    return await read_profile(keeper.caller, keeper.workspace.id)


async def test_the_profile_follows_the_memories(world: World) -> None:
    keeper = await Keeper.new(world)
    assert await profile(keeper) == MemoryProfileView(stable=(), recent=(), updated_at=None)
    await keeper.remembers("Likes tea.")
    await keeper.remembers("Buy paint.", {"tier": Tier.TASK})
    await stale(keeper)
    await rebuild(world, await claim(world))
    view = await profile(keeper)
    assert [line.text for line in view.stable] == ["Likes tea."]
    assert [line.text for line in view.recent] == ["Buy paint."]
    assert view.updated_at == world.clock.now()


async def test_many_changes_are_rebuilt_once(world: World) -> None:
    keeper = await Keeper.new(world)
    for _ in range(5):
        await stale(keeper)
    assert waiting(world) == [JobStatus.QUEUED]
    assert await world.queue.claim([RebuildProfile.type], 1, LEASE) == []
    await rebuild(world, await claim(world))
    assert waiting(world) == []


@pytest.mark.parametrize("turns", range(6))
async def test_a_change_while_it_is_rebuilt_is_not_lost(world: World, turns: int) -> None:
    keeper = await Keeper.new(world)
    await stale(keeper)
    first, now = await claim(world), world.clock.now()
    memory = Memory.added(keeper.workspace.id, keeper.id, {"content": "Likes tea."}, MemoryRetention(), now)

    async def change() -> None:
        async with world.begin() as work:
            await work.memories.add(memory, because=MemoryAdded.of(memory, by=keeper.caller.actor, at=now))
            await profile_is_stale(work, keeper.workspace.id, keeper.id, now)
            for _ in range(turns):
                await asyncio.sleep(0)
            await work.commit(None)

    await asyncio.gather(change(), rebuild(world, first))
    if waiting(world):
        await rebuild(world, await claim(world))
    assert [line.memory_id for line in (await profile(keeper)).stable] == [memory.id]


async def test_its_job_is_of_no_workspace_whose_members_would_be_shown_that_something_changed(world: World) -> None:
    keeper = await Keeper.new(world)
    await stale(keeper)
    assert (await claim(world)).workspace_id is None


async def test_it_stops_when_it_is_told_to(world: World) -> None:
    keeper = await Keeper.new(world)
    await stale(keeper)
    progress = MemoryJobProgress()
    progress.cancel()
    with pytest.raises(JobCancelled):
        await rebuild(world, await claim(world), progress)
    assert (await profile(keeper)).updated_at is None


async def test_a_change_after_it_was_rebuilt_adds_another_job(world: World) -> None:
    keeper = await Keeper.new(world)
    await stale(keeper)
    await rebuild(world, await claim(world))
    await stale(keeper)
    assert waiting(world) == [JobStatus.QUEUED]


async def test_a_worker_that_lost_its_lease_changes_nothing(world: World) -> None:
    keeper = await Keeper.new(world)
    await keeper.remembers("Likes tea.")
    await stale(keeper)
    lost = await claim(world)
    world.clock.advance(LEASE)
    await world.queue.expire()
    with pytest.raises(LeaseLost):
        await rebuild(world, lost)
    assert (await profile(keeper)).updated_at is None


async def test_nobody_sees_the_profile_of_another(world: World) -> None:
    keeper, other = await Keeper.new(world), await Keeper.new(world, "eve@example.com")
    await keeper.remembers("Likes tea.")
    await stale(keeper)
    await rebuild(world, await claim(world))
    read_profile = ReadProfile(MemoryMemoryProfileViews(world.store), world.clock)
    with pytest.raises(NotFound):
        await read_profile(other.caller, keeper.workspace.id)
    viewer = await read_profile(world.viewer(keeper.workspace), keeper.workspace.id)
    assert (viewer.stable, viewer.recent) == ((), ())


async def test_what_is_not_of_late_any_more_leaves_it_without_a_rebuild(world: World) -> None:
    keeper = await Keeper.new(world)
    await keeper.remembers("Build a shed.", {"tier": Tier.PROJECT})
    await stale(keeper)
    await rebuild(world, await claim(world))
    world.clock.advance(14 * DAY - timedelta(minutes=1))
    assert [line.text for line in (await profile(keeper)).recent] == ["Build a shed."]
    world.clock.advance(timedelta(minutes=1))
    assert (await profile(keeper)).recent == ()
