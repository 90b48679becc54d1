from datetime import timedelta

from adapters.memory.job_progress import MemoryJobProgress
from application.jobs.tidy_up import Tidier, TidyUp
from application.ports.idempotency import KEYS_KEPT, REQUEST_KEY, RequestKey
from domain.jobs import Claim, Job
from tests.application.world import LEASE, World


async def answered(world: World, key: str) -> None:
    """A request with this key has been answered."""
    REQUEST_KEY.set(RequestKey(scope=b"scope", key=key, digest=b"digest", seal=lambda _answer: b"sealed"))
    async with world.begin() as work:
        await work.commit(None)


async def claimed(world: World) -> Claim:
    async with world.begin() as work:
        await work.jobs.add(Job.of(TidyUp(), world.clock.now()))
        await work.commit(None)
    (claim,) = await world.queue.claim([TidyUp.type], 5, LEASE)
    return claim


async def test_keys_are_forgotten_after_a_day_and_no_sooner(world: World) -> None:
    token = REQUEST_KEY.set(None)
    try:
        start = world.clock.now()
        await answered(world, "old")
        world.clock.advance(timedelta(seconds=1))
        await answered(world, "young")
    finally:
        REQUEST_KEY.reset(token)
    world.clock.advance(KEYS_KEPT)
    progress, tidier = MemoryJobProgress(), Tidier(world.keys, world.clock)
    claim = await claimed(world)
    await tidier(TidyUp(), claim, progress)
    await tidier(TidyUp(), claim, progress)

    assert await world.keys.find(b"scope", "old", since=start) is None
    assert await world.keys.find(b"scope", "young", since=start)
    assert progress.reports == [(100, "1 idempotency keys forgotten"), (100, "0 idempotency keys forgotten")]
