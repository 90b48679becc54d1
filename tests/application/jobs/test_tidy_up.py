from datetime import timedelta

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.provider_deliveries import MemoryProviderDeliveryLog
from adapters.memory.sign_in import MemoryOneTimeTokenLog, MemorySessionLog
from adapters.memory.usage import MemoryUsageOrigins
from adapters.memory.webhooks import MemoryDeliveryLog
from application.conversations.generate_reply import GenerateReply
from application.jobs.tidy_up import Tidier, TidyUp
from application.ports.idempotency import KEYS_KEPT, REQUEST_KEY, RequestKey
from application.ports.provider_deliveries import DELIVERIES_KEPT
from application.ports.sign_in import SESSIONS_KEPT
from application.ports.webhooks import DELIVERY_LOG_KEPT
from domain.identity import ONE_TIME_TOKEN_LIFE, OneTimeToken, SessionLife, SessionStarted, issue_session
from domain.ids import DeliveryId, UserId
from domain.jobs import Claim, Job
from domain.webhooks import Delivery
from tests.application.conversations.script import saying
from tests.application.world import LEASE, World


async def answered(world: World, key: str) -> None:
    """A request with this key has been answered."""
    REQUEST_KEY.set(RequestKey(scope=b"scope", key=key, digest=b"digest", seal=lambda _answer: b"sealed"))
    async with world.begin() as work:
        await work.commit(None)


def _tidier(world: World) -> Tidier:
    return Tidier(
        keys=world.keys,
        origins=MemoryUsageOrigins(world.store),
        provider_deliveries=MemoryProviderDeliveryLog(world.store),
        one_time_tokens=MemoryOneTimeTokenLog(world.store),
        sessions=MemorySessionLog(world.store),
        webhook_deliveries=MemoryDeliveryLog(world.store),
        clock=world.clock,
    )


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
    progress, tidier = MemoryJobProgress(), _tidier(world)
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
    tidier, known = _tidier(world), list[bool]()
    for _ in range(4):
        await tidier(TidyUp(), claim, MemoryJobProgress())
        (entry,) = world.store.usage_entries.rows.values()
        known.append(entry.origin is not None)
        world.clock.advance(timedelta(days=1))

    assert known == [True, True, True, False]


async def test_messages_of_issuers_are_forgotten_after_a_month_and_no_sooner(world: World) -> None:
    async def comes() -> bool:
        async with world.begin() as work:
            return await work.commit(await work.provider_deliveries.add("msg_1", world.clock.now()))

    assert await comes()
    claim = await claimed(world)
    for wait, new in ((DELIVERIES_KEPT, False), (timedelta(seconds=1), True)):
        world.clock.advance(wait)
        await _tidier(world)(TidyUp(), claim, MemoryJobProgress())
        assert await comes() is new


async def test_mailed_links_are_forgotten_when_they_expire_and_sessions_a_while_later(world: World) -> None:
    owner, workspace = await world.owner()
    now = world.clock.now()
    link, _ = OneTimeToken.to_verify("ada@example.com", b"sealed", now)
    session, _ = issue_session(UserId(owner.actor.id), "Firefox", now, SessionLife(idle=ONE_TIME_TOKEN_LIFE))
    started = SessionStarted(workspace_id=workspace.id, actor=owner.actor, at=now, session_id=session.id)
    async with world.begin() as work:
        await work.one_time_tokens.add(link)
        await work.credentials.add(session, because=started)
        await work.commit(None)
    claim, left = await claimed(world), list[tuple[int, int]]()
    for wait in (timedelta(0), ONE_TIME_TOKEN_LIFE, SESSIONS_KEPT, timedelta(seconds=1)):
        world.clock.advance(wait)
        await _tidier(world)(TidyUp(), claim, MemoryJobProgress())
        left.append((len(world.store.one_time_tokens.rows), len(world.store.credentials.rows)))

    assert left == [(1, 1), (0, 1), (0, 1), (0, 0)]


async def test_deliveries_are_forgotten_a_month_after_they_ended_and_no_sooner(world: World) -> None:
    _, workspace = await world.owner()
    claim, now = await claimed(world), world.clock.now()
    made = [Delivery.of_test(workspace.id, now) for _ in range(2)]
    async with world.begin() as work:
        for delivery in (made[0], made[1].delivered(now)):
            await work.deliveries.add(delivery)
        await work.commit(None)
    left = list[set[DeliveryId]]()
    for wait in (DELIVERY_LOG_KEPT, timedelta(seconds=1)):
        world.clock.advance(wait)
        await _tidier(world)(TidyUp(), claim, MemoryJobProgress())
        left.append({row.id for row in world.store.deliveries.rows.values()})

    assert left == [{delivery.id for delivery in made}, {made[0].id}]
