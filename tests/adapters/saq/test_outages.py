"""The worker while what it needs does not work."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.memory.jobs import MemoryJobQueue
from application.ports.jobs import Held, JobProgress
from domain.errors import Unavailable
from domain.jobs import Claim, JobStatus
from tests.adapters.saq.conftest import Work, World, eventually


class Away(MemoryJobQueue):
    """A store that can be taken away."""

    away = False
    calls = 0

    def _answer(self) -> None:
        self.calls += 1
        if self.away:
            raise Unavailable

    @override
    async def claim(self, types: Sequence[str], limit: int, lease: timedelta) -> Sequence[Claim]:
        self._answer()
        return await super().claim(types, limit, lease)

    @override
    async def extend(self, claims: Sequence[Claim], lease: timedelta) -> Held:
        self._answer()
        return await super().extend(claims, lease)

    @override
    async def expire(self) -> Sequence[Claim]:
        self._answer()
        return await super().expire()

    @override
    async def present(self, worker: str) -> None:
        self._answer()
        await super().present(worker)

    @override
    async def release(self, claims: Sequence[Claim]) -> None:
        self._answer()
        await super().release(claims)


@pytest.fixture
def queue(world: World) -> Away:
    return Away(world.store, world.bell, world.clock)


async def nothing(_claim: Claim, _progress: JobProgress) -> None:
    """A job that is done at once."""


async def test_a_worker_outlives_an_outage_without_spinning_and_says_so_once(
    world: World, queue: Away, caplog: pytest.LogCaptureFixture
) -> None:
    queue.away = True
    async with world.running(world.runner(nothing, queue=queue)):
        ids = await world.add(Work())
        for _ in range(200):
            await world.bell.ring(["jobs"])
            await asyncio.sleep(0.01)
        assert queue.calls < 20
        told = [r for r in caplog.records if r.message == "Claiming jobs fails; trying again."]
        assert [record.exc_info for record in told] == [None]
        queue.away = False

        assert await world.ended(ids) == [JobStatus.SUCCEEDED]


async def test_when_leases_cannot_be_extended_until_they_run_out_the_jobs_are_stopped(
    world: World, queue: Away
) -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def work(_claim: Claim, _progress: JobProgress) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(work, queue=queue, lease=timedelta(seconds=1.5))):
        await begun.wait()
        queue.away = True
        await stopped.wait()
        queue.away = False

    assert world.job(job_id).failures == 0


async def test_a_worker_stops_during_an_outage(world: World, queue: Away) -> None:
    begun = asyncio.Event()

    async def work(_claim: Claim, _progress: JobProgress) -> None:
        begun.set()
        await asyncio.Event().wait()

    await world.add(Work())
    async with world.running(world.runner(work, queue=queue)):
        await begun.wait()
        queue.away = True


async def test_a_job_whose_end_cannot_be_stored_is_left_to_its_lease(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(_claim: Claim) -> None:
        raise Unavailable

    (job_id,) = await world.add(Work())
    runner = world.runner(nothing, on_success=refuse)
    async with world.running(runner):
        await eventually(lambda: any(r.levelno == logging.WARNING for r in caplog.records))

    assert world.job(job_id).status is JobStatus.RUNNING
    (told,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert str(Unavailable()) in told.getMessage()
    assert not told.exc_info


async def test_a_job_that_an_outage_fails_is_told_in_a_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_claim: Claim, _progress: JobProgress) -> None:
        raise Unavailable

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(fail)):
        await eventually(lambda: world.job(job_id).failures > 0)

    assert not [record for record in caplog.records if record.exc_info]


async def test_stopping_again_and_again_loses_no_job(world: World) -> None:
    done: list[object] = []

    async def work(claim: Claim, _progress: JobProgress) -> None:
        await asyncio.sleep(0.001)
        done.append(claim.payload["number"])

    ids = await world.add(*(Work(number=number) for number in range(60)))
    for _ in range(10):
        async with world.running(world.runner(work, concurrency=3)):
            await asyncio.sleep(0.004)
        assert not any(job.status is JobStatus.RUNNING for job in world.jobs())
    async with world.running(world.runner(work)):
        await world.ended(ids)

    assert sorted(map(str, done)) == sorted(str(number) for number in range(60))
    assert {job.failures for job in world.jobs()} == {0}
