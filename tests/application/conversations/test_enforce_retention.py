"""Conversations whose time is over: what is closed and erased, what is left alone, and what a crash leaves behind."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.retention import MemoryRetentionViews
from application.conversations.enforce_retention import BATCH, EnforceRetention, RetentionEnforcer
from application.ports.retention import RetentionViews
from domain.actors import SYSTEM
from domain.conversations import Conversation, ConversationStatus
from domain.ids import ConversationId, RunId
from domain.jobs import Claim, Job, JobCancelled, LeaseLost
from domain.workspaces import RetentionChanges
from tests.application.conversations.companion import a_talk
from tests.application.conversations.members import Side, a_member, stored, told
from tests.application.conversations.talk import Talk
from tests.application.doubles import WatchedRunLog
from tests.application.world import LEASE, Crash, World

DAY = timedelta(days=1)
BOTH: RetentionChanges = {"close_idle_days": 3, "erase_closed_days": 30}


class Meanwhile(RetentionViews):
    """Views after whose answer something happens, once."""

    def __init__(self, world: World, then: Callable[[], Awaitable[object]]) -> None:
        self._views = MemoryRetentionViews(world.store)
        self._then: Callable[[], Awaitable[object]] | None = then

    @override
    async def idle(self, at: datetime, limit: int) -> Sequence[ConversationId]:
        return await self._after(await self._views.idle(at, limit))

    @override
    async def expired(self, at: datetime, limit: int) -> Sequence[ConversationId]:
        return await self._after(await self._views.expired(at, limit))

    async def _after(self, found: Sequence[ConversationId]) -> Sequence[ConversationId]:
        if found and self._then is not None:
            then, self._then = self._then, None
            await then()
        return found


async def kept(world: World, retention: RetentionChanges = BOTH) -> Talk:
    """A conversation with a question and its reply, in a workspace that keeps so."""
    talk = await Talk.begun(world)
    workspace = await world.workspaces.workspace(stored(world, talk.visit).workspace_id)
    assert workspace
    await world.edit(talk.owner, workspace, {"retention": retention})
    await talk.ask("Hello?")
    await talk.reply("Hi.")
    return talk


async def claimed(world: World) -> Claim:
    async with world.begin() as work:
        await work.jobs.add(Job.of(EnforceRetention(), world.clock.now()))
        await work.commit(None)
    (claim,) = await world.queue.claim([EnforceRetention.type], 5, LEASE)
    return claim


async def enforce(
    world: World, views: RetentionViews | None = None, progress: MemoryJobProgress | None = None
) -> MemoryJobProgress:
    progress = progress or MemoryJobProgress()
    enforcer = RetentionEnforcer(world.begin, views or MemoryRetentionViews(world.store), world.log, world.clock)
    claim = await claimed(world)
    try:
        await enforcer(EnforceRetention(), claim, progress)
    finally:
        async with world.begin(claim) as work:
            await work.jobs.finish(claim)
            await work.commit(None)
    return progress


def there(world: World) -> list[Conversation]:
    return list(world.store.conversations.rows.values())


async def test_an_idle_conversation_is_closed_and_erased_when_each_time_is_over(world: World) -> None:
    talk = await kept(world)
    world.clock.advance(3 * DAY - timedelta(seconds=1))
    await enforce(world)
    assert stored(world, talk.visit).status is ConversationStatus.OPEN
    world.clock.advance(timedelta(seconds=1))
    progress = await enforce(world)
    closed = stored(world, talk.visit)
    assert (closed.status, closed.closed_at) == (ConversationStatus.CLOSED, world.clock.now())
    assert progress.reports[-1] == (100, "1 conversations closed, 0 erased")
    (event,) = told(world, talk.visit, "conversation.edited")
    assert (event.actor, event.data["fields"], event.data["status"]) == (SYSTEM, ["status"], "closed")

    world.clock.advance(30 * DAY)
    progress = await enforce(world)
    assert progress.reports[-1] == (100, "0 conversations closed, 1 erased")
    assert there(world) == []
    assert not world.store.messages.rows
    assert not world.store.runs.rows
    erased = world.events(closed.workspace_id)[-1]
    assert (erased.type, erased.actor, erased.data["reason"]) == ("conversation.erased", SYSTEM, "retention")


async def test_the_events_name_the_job_that_caused_them(world: World) -> None:
    talk = await kept(world)
    world.clock.advance(3 * DAY)
    await enforce(world)
    (event,) = told(world, talk.visit, "conversation.edited")
    (job,) = [job for job in world.store.jobs.rows.values() if job.type == EnforceRetention.type]
    assert event.causation_id == str(job.id)


async def test_what_was_closed_by_hand_is_erased_by_the_day_it_was_closed(world: World) -> None:
    talk = await kept(world, {"erase_closed_days": 30})
    world.clock.advance(100 * DAY)
    await Side(world, talk.visit, talk.owner).edit({"status": ConversationStatus.ARCHIVED})
    world.clock.advance(29 * DAY)
    await enforce(world)
    assert there(world)
    world.clock.advance(DAY)
    await enforce(world)
    assert there(world) == []


async def test_the_logs_of_erased_runs_are_dropped(world: World) -> None:
    dropped: list[RunId] = []
    talk = await kept(world)
    (run,) = talk.runs()
    world.clock.advance(3 * DAY)
    await enforce(world)
    world.clock.advance(30 * DAY)
    async with world.log.follow(run.id) as reader:
        dropped += [run.id] if await reader.next(0) else []
    assert dropped
    await enforce(world)
    async with world.log.follow(run.id) as reader:
        assert await reader.next(0) is None


async def test_a_workspace_that_keeps_for_ever_loses_nothing(world: World) -> None:
    talk = await kept(world, {})
    world.clock.advance(5_000 * DAY)
    happened = world.happened()
    await enforce(world)
    assert stored(world, talk.visit).status is ConversationStatus.OPEN
    assert world.happened() == happened


async def test_what_a_person_has_to_do_with_stays_open(world: World) -> None:
    talk = await kept(world)
    await talk.take_over()
    world.clock.advance(9 * DAY)
    await enforce(world)
    assert stored(world, talk.visit).status is ConversationStatus.OPEN


async def test_what_is_written_in_meanwhile_is_left_alone(world: World) -> None:
    talk = await kept(world)
    world.clock.advance(3 * DAY)

    async def write() -> None:
        await talk.ask("Still there?")

    progress = await enforce(world, Meanwhile(world, write))
    assert stored(world, talk.visit).status is ConversationStatus.OPEN
    assert progress.reports[-1] == (100, "0 conversations closed, 0 erased")


async def test_what_is_opened_again_meanwhile_is_left_alone(world: World) -> None:
    talk = await kept(world)
    side = Side(world, talk.visit, a_member(world, talk.visit))
    await side.edit({"status": ConversationStatus.CLOSED})
    world.clock.advance(30 * DAY)

    async def reopen() -> None:
        await side.edit({"status": ConversationStatus.OPEN})

    await enforce(world, Meanwhile(world, reopen))
    assert stored(world, talk.visit).status is ConversationStatus.OPEN
    assert world.said(talk.visit) == ["Hello?", "Hi."]


async def test_a_decision_to_keep_counts_at_once(world: World) -> None:
    talk = await kept(world)
    workspace = await world.workspaces.workspace(stored(world, talk.visit).workspace_id)
    assert workspace
    await Side(world, talk.visit, talk.owner).edit({"status": ConversationStatus.CLOSED})
    world.clock.advance(30 * DAY)

    async def keep() -> None:
        await world.edit(talk.owner, workspace, {"retention": {"erase_closed_days": None}})

    await enforce(world, Meanwhile(world, keep))
    assert there(world)


async def test_what_is_erased_meanwhile_is_passed_over(world: World) -> None:
    await kept(world)
    world.clock.advance(3 * DAY)

    async def erase() -> None:
        world.store.conversations.rows.clear()

    progress = await enforce(world, Meanwhile(world, erase))
    assert progress.reports[-1] == (100, "0 conversations closed, 0 erased")


async def test_many_are_ended_in_batches_with_progress(world: World) -> None:
    talk = await kept(world)
    workspace = await world.workspaces.workspace(stored(world, talk.visit).workspace_id)
    assert workspace
    for _ in range(BATCH):
        await world.visit(workspace.handle)
    world.clock.advance(3 * DAY)
    progress = await enforce(world)
    assert progress.reports == [
        (0, f"{BATCH} conversations closed"),
        (0, f"{BATCH + 1} conversations closed"),
        (100, f"{BATCH + 1} conversations closed, 0 erased"),
    ]
    world.clock.advance(30 * DAY)
    progress = await enforce(world)
    assert progress.reports[-1] == (100, f"0 conversations closed, {BATCH + 1} erased")
    assert there(world) == []


async def test_it_stops_when_it_is_asked_to_and_goes_on_the_next_time(world: World) -> None:
    talk = await kept(world)
    workspace = await world.workspaces.workspace(stored(world, talk.visit).workspace_id)
    assert workspace
    for _ in range(BATCH):
        await world.visit(workspace.handle)
    world.clock.advance(3 * DAY)
    progress = MemoryJobProgress()
    progress.cancel()
    with pytest.raises(JobCancelled):
        await enforce(world, progress=progress)
    closed = [each for each in there(world) if each.status is ConversationStatus.CLOSED]
    assert len(closed) == BATCH
    await enforce(world)
    assert all(each.status is ConversationStatus.CLOSED for each in there(world))
    assert world.happened().count("conversation.edited") == BATCH + 1


class DeadlyRunLog(WatchedRunLog):
    """The worker dies when it first drops a log."""

    def __init__(self) -> None:
        super().__init__()
        self._deadly = True

    @override
    async def drop(self, run_ids: Sequence[RunId]) -> None:
        if self._deadly:
            self._deadly = False
            raise Crash
        await super().drop(run_ids)


async def test_after_a_crash_between_two_conversations_each_is_ended_once() -> None:
    world = World(log=DeadlyRunLog())
    for _ in range(2):
        await kept(world)
    world.clock.advance(3 * DAY)
    await enforce(world)
    world.clock.advance(30 * DAY)
    with pytest.raises(Crash):
        await enforce(world)
    assert len(there(world)) == 1
    await enforce(world)
    assert there(world) == []
    assert world.happened().count("conversation.erased") == 2


async def test_who_has_lost_the_job_ends_nothing_any_more(world: World) -> None:
    talk = await kept(world)
    world.clock.advance(3 * DAY)
    claim = await claimed(world)
    world.clock.advance(LEASE)
    await world.queue.expire()
    await world.queue.claim([EnforceRetention.type], 5, LEASE)
    enforcer = RetentionEnforcer(world.begin, MemoryRetentionViews(world.store), world.log, world.clock)
    with pytest.raises(LeaseLost):
        await enforcer(EnforceRetention(), claim, MemoryJobProgress())
    assert stored(world, talk.visit).status is ConversationStatus.OPEN


async def test_a_talk_with_a_companion_is_kept_as_long_and_its_end_told_to_its_user_alone(world: World) -> None:
    talk = await a_talk(world)
    workspace = await world.workspaces.workspace(talk.workspace_id)
    assert workspace
    await world.edit(talk.caller, workspace, {"retention": BOTH})
    await talk.ask("Hello")
    world.clock.advance(4 * DAY)
    await enforce(world)
    assert world.store.conversations.rows[talk.conversation_id].status is ConversationStatus.CLOSED
    world.clock.advance(31 * DAY)
    await enforce(world)
    assert talk.conversation_id not in world.store.conversations.rows
    ends = [
        event
        for event in world.events(talk.workspace_id)
        if event.type in {"conversation.edited", "conversation.erased"}
    ]
    assert [event.data["told_to"] for event in ends] == [str(talk.caller.actor.id)] * 2
