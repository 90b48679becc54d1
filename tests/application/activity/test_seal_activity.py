from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from typing_extensions import override

from adapters.memory.audit import MemoryAuditLog
from adapters.memory.job_progress import MemoryJobProgress
from application.activity.seal_activity import ActivitySealer, SealActivity
from application.activity.verify_activity import FAULTS_TOLD, Verification, VerifyActivity
from domain.audit import SEALED_AT_ONCE, Seal
from domain.errors import NotFound
from domain.ids import JobId, WorkspaceId
from domain.jobs import RUNS_KEPT, Claim, Job, JobCancelled
from tests.application.world import LEASE, World

CLAIM = Claim(job_id=JobId(uuid4()), attempt=1, type=SealActivity.type, payload={}, workspace_id=None)


async def seal(world: World, log: MemoryAuditLog | None = None) -> Sequence[tuple[int, str | None]]:
    """What the job reports."""
    progress = MemoryJobProgress()
    await ActivitySealer(log or MemoryAuditLog(world.store), world.queue, world.clock)(SealActivity(), CLAIM, progress)
    return progress.reports


async def verify(world: World, handle: str | None = None) -> list[Verification]:
    return [each async for each in VerifyActivity(MemoryAuditLog(world.store))(handle)]


def lengthen(world: World, workspace_id: WorkspaceId, length: int) -> None:
    """So many events are in the workspace."""
    events = world.store.activity[workspace_id]
    events.extend(replace(events[0], id=number) for number in range(len(events) + 1, length + 1))


async def test_what_has_no_seal_is_sealed_and_nothing_twice(world: World) -> None:
    _, workspace = await world.owner()
    before = len(world.store.activity[workspace.id])
    assert await seal(world) == [(50, f"{before} events sealed"), (100, f"{before} events sealed")]
    assert await seal(world) == [(100, "0 events sealed")]
    lengthen(world, workspace.id, before + 2)
    assert (await seal(world))[-1] == (100, "2 events sealed")
    (found,) = await verify(world)
    assert (found.rows, found.seals, found.unsealed, found.faults) == (before + 2, 2, 0, [])
    assert found.workspace.handle == str(workspace.handle)


async def test_a_long_backlog_is_sealed_in_pieces(world: World) -> None:
    _, workspace = await world.owner()
    lengthen(world, workspace.id, SEALED_AT_ONCE * 2 + 3)
    assert [note for _, note in await seal(world)] == [f"{each} events sealed" for each in (5000, 10000, 10003, 10003)]
    assert [(each.first, each.last) for each in world.store.seals[workspace.id]] == [
        (1, 5000),
        (5001, 10000),
        (10001, 10003),
    ]


async def test_a_cancelled_job_leaves_what_it_sealed(world: World) -> None:
    _, workspace = await world.owner()
    progress = MemoryJobProgress()
    progress.cancel()
    with pytest.raises(JobCancelled):
        await ActivitySealer(MemoryAuditLog(world.store), world.queue, world.clock)(SealActivity(), CLAIM, progress)
    assert len(world.store.seals[workspace.id]) == 1


async def test_its_own_jobs_of_the_day_before_are_forgotten(world: World) -> None:
    async def done() -> None:
        async with world.begin() as work:
            await work.jobs.add(Job.of(SealActivity(), world.clock.now()))
            await work.commit(None)
        (claim,) = await world.queue.claim([SealActivity.type], 5, LEASE)
        await world.queue.finish(claim)

    await done()
    world.clock.advance(RUNS_KEPT)
    await seal(world)
    await done()
    assert len(world.store.jobs.rows) == 2
    world.clock.advance(timedelta(seconds=1))
    await seal(world)
    assert len(world.store.jobs.rows) == 1


class FasterLog(MemoryAuditLog):
    """Another worker stores its seal right before."""

    @override
    async def add(self, seal: Seal) -> bool:
        await super().add(seal)
        return await super().add(seal)


async def test_whoever_comes_second_leaves_it_to_the_first(world: World) -> None:
    _, workspace = await world.owner()
    assert await seal(world, FasterLog(world.store)) == [(100, "0 events sealed")]
    assert len(world.store.seals[workspace.id]) == 1


async def test_one_workspace_is_verified_alone(world: World) -> None:
    _, workspace = await world.owner()
    await world.owner("grace@example.com")
    assert len(await verify(world)) == 2
    assert [each.workspace.id for each in await verify(world, str(workspace.handle))] == [workspace.id]
    with pytest.raises(NotFound, match="no workspace with the handle 'nobody'"):
        await verify(world, "nobody")


async def test_many_faults_are_counted_and_not_all_kept(world: World) -> None:
    _, workspace = await world.owner()
    lengthen(world, workspace.id, FAULTS_TOLD * 2 + 20)
    await seal(world)
    events = world.store.activity[workspace.id]
    for at in range(0, FAULTS_TOLD * 2 + 20, 2):
        events[at] = replace(events[at], type="x.y")
    (found,) = await verify(world)
    assert (len(found.faults), found.more) == (FAULTS_TOLD, 10)
