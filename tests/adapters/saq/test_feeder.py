from collections.abc import Sequence
from datetime import timedelta

from typing_extensions import override

from adapters.memory.bell import MemoryBell
from adapters.memory.clock import MemoryClock
from adapters.memory.jobs import MemoryJobQueue
from adapters.memory.store import MemoryStore
from application.ports.jobs import JobProgress
from domain.jobs import Claim, JobStatus
from tests.adapters.saq.conftest import Work, World


class CountingJobQueue(MemoryJobQueue):
    """Counts the claims that found nothing."""

    def __init__(self, store: MemoryStore, bell: MemoryBell, clock: MemoryClock) -> None:
        super().__init__(store, bell, clock)
        self.in_vain = 0

    @override
    async def claim(self, types: Sequence[str], limit: int, lease: timedelta) -> Sequence[Claim]:
        claims = await super().claim(types, limit, lease)
        self.in_vain += not claims
        return claims


async def nothing(_claim: Claim, _progress: JobProgress) -> None:
    """A job that is done at once."""


async def test_a_slot_does_not_ask_the_store_when_a_claim_has_just_found_that_there_are_no_more(world: World) -> None:
    queue = CountingJobQueue(world.store, world.bell, world.clock)
    async with world.running(world.runner(nothing, queue=queue)):
        for number in range(50):
            await world.ended(await world.add(Work(number=number)))

    assert queue.in_vain < 25


async def test_jobs_whose_ring_was_lost_are_found_by_a_worker_that_had_run_out_of_them(world: World) -> None:
    async with world.running(world.runner(nothing)):
        await world.ended(await world.add(Work()))
        elsewhere = World(clock=world.clock, store=world.store)  # its bell is not heard here

        assert await world.ended(await elsewhere.add(Work(), Work())) == [JobStatus.SUCCEEDED] * 2
