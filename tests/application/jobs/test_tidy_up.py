from datetime import timedelta

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.usage import MemoryUsageOrigins
from application.conversations.generate_reply import GenerateReply
from application.jobs.tidy_up import Tidier, TidyUp
from application.ports.idempotency import KEYS_KEPT, REQUEST_KEY, RequestKey
from domain.jobs import Claim, Job
from tests.application.conversations.script import saying
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
    progress, tidier = MemoryJobProgress(), Tidier(world.keys, MemoryUsageOrigins(world.store), world.clock)
    claim = await claimed(world)
    await tidier(TidyUp(), claim, progress)
    await tidier(TidyUp(), claim, progress)

    assert await world.keys.find(b"scope", "old", since=start) is None
    assert await world.keys.find(b"scope", "young", since=start)
    assert progress.reports == [(100, "1 idempotency keys forgotten"), (100, "0 idempotency keys forgotten")]


async def test_whose_messages_used_what_is_forgotten_when_no_limit_needs_it(world: World) -> None:
    visit = await world.visit()
    await world.say(visit, address="203.0.113.9")
    (claim,) = await world.queue.claim([GenerateReply.type], 1, LEASE)
    await world.reply(claim, ScriptedLanguageModel(saying("Hello.")))
    tidier, known = Tidier(world.keys, MemoryUsageOrigins(world.store), world.clock), list[bool]()
    for _ in range(4):
        await tidier(TidyUp(), claim, MemoryJobProgress())
        (entry,) = world.store.usage_entries.rows.values()
        known.append(entry.origin is not None)
        world.clock.advance(timedelta(days=1))

    assert known == [True, True, True, False]
