from collections import Counter
from uuid import UUID

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.memories import MemoryMemoryViews
from application.memories.retention import (
    BATCH,
    EditMemoryRetention,
    MemoryRedater,
    ReadMemoryRetention,
    RedateMemories,
)
from application.ports.jobs import JobProgress
from domain.access import Caller, Grant, Role
from domain.errors import NotFound
from domain.ids import WorkspaceId
from domain.jobs import Job, JobCancelled
from domain.memories import Memory, MemoryAdded, MemoryChanges, MemoryRetention, Tier
from tests.application.memories.keeping import Keeper
from tests.application.memories.remembering import Meanwhile
from tests.application.world import LEASE, World

GONE = WorkspaceId(UUID(int=9))
"""A workspace that was erased while somebody still held a grant in it."""


async def test_a_workspace_that_is_gone_has_no_retention_to_read_or_to_edit(world: World) -> None:
    caller = Caller(actor=world.stranger().actor, grants={GONE: Grant.of(Role.OWNER)})
    with pytest.raises(NotFound):
        await ReadMemoryRetention(MemoryMemoryViews(world.store))(caller, GONE)
    with pytest.raises(NotFound):
        await EditMemoryRetention(world.begin, world.clock)(caller, GONE, {"task_days": 5})
    assert world.events(GONE) == []


async def test_the_many_memories_of_a_workspace_are_redated_by_a_job(world: World) -> None:
    keeper = await _with_tasks(world, 2 * BATCH + 1)
    await _choose(keeper, 5)
    assert _days(world) == {5: BATCH, 30: BATCH + 1}
    progress = MemoryJobProgress()
    await _redate(world, progress)
    assert _days(world) == {5: 2 * BATCH + 1}
    assert progress.reports == [(50, f"{BATCH} memories")]
    assert _unended(world) == []


async def test_few_memories_are_redated_at_once(world: World) -> None:
    keeper = await _with_tasks(world, 3)
    await _choose(keeper, 5)
    assert _days(world) == {5: 3}
    assert _unended(world) == []


async def test_when_other_days_are_chosen_meanwhile_redating_begins_anew(world: World) -> None:
    keeper = await _with_tasks(world, 2 * BATCH + 1)
    await _choose(keeper, 5)

    async def choose_again() -> None:
        if 7 not in _days(world):
            await _choose(keeper, 7)

    await _redate(world, Meanwhile(f"{BATCH} memories", choose_again))
    assert _days(world) == {7: 2 * BATCH + 1}
    assert _unended(world) == []


async def test_redating_can_be_cancelled_and_goes_on_with_what_is_left(world: World) -> None:
    keeper = await _with_tasks(world, 2 * BATCH + 1)
    await _choose(keeper, 5)
    progress = MemoryJobProgress()
    progress.cancel()
    with pytest.raises(JobCancelled):
        await _redate(world, progress)
    assert _days(world) == {5: 2 * BATCH, 30: 1}
    async with world.begin() as work:
        await work.jobs.add(Job.of(RedateMemories(workspace_id=keeper.workspace.id), world.clock.now()))
        await work.commit(None)
    await _redate(world, MemoryJobProgress())
    assert _days(world) == {5: 2 * BATCH + 1}


async def _with_tasks(world: World, number: int) -> Keeper:
    """Somebody with so many task memories."""
    keeper, at = await Keeper.new(world), world.clock.now()
    contents: list[MemoryChanges] = [{"content": f"Task {place}.", "tier": Tier.TASK} for place in range(number)]
    tasks = [Memory.added(keeper.workspace.id, keeper.id, each, MemoryRetention(), at) for each in contents]
    async with world.begin() as work:
        await work.memories.add_all(tasks)
        work.record(MemoryAdded.of(tasks[0], by=keeper.caller.actor, at=at))
        await work.commit(None)
    return keeper


async def _choose(keeper: Keeper, days: int) -> None:
    await EditMemoryRetention(keeper.world.begin, keeper.world.clock)(
        keeper.caller, keeper.workspace.id, {"task_days": days}
    )


async def _redate(world: World, progress: JobProgress) -> None:
    (claim,) = await world.queue.claim([RedateMemories.type], 1, LEASE)
    try:
        await MemoryRedater(world.begin)(RedateMemories(workspace_id=_workspace(world)), claim, progress)
    finally:
        await world.queue.finish(claim)


def _workspace(world: World) -> WorkspaceId:
    (workspace_id,) = {memory.workspace_id for memory in world.store.memories.rows.values()}
    return workspace_id


def _days(world: World) -> Counter[int]:
    """How many memories there are that are kept for so many days."""
    memories = world.store.memories.rows.values()
    return Counter((each.expires_at - each.created_at).days for each in memories if each.expires_at)


def _unended(world: World) -> list[str]:
    return [job.type for job in world.store.jobs.rows.values() if not job.ended]
