"""What members see of replies, how they stop them, and how they have one made once more."""

import asyncio

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.runs import MemoryRunViews
from application.conversations.cancel_run_as_member import CancelRunAsMember
from application.conversations.list_runs import ListRuns
from application.conversations.read_run import ReadRun
from application.conversations.retry_run import RetryRun
from domain.access import Role
from domain.conversations import (
    ConversationClosed,
    ConversationStatus,
    IfBusy,
    RunNotRetryable,
    RunStatus,
    TakenOver,
    TooManyWaiting,
)
from domain.errors import Forbidden, NotFound
from domain.ids import RunId, new_id
from domain.jobs import JobStatus
from domain.prompts import UserTurn
from tests.application.conversations.dictation import Dictation
from tests.application.conversations.members import Side, a_member, told
from tests.application.conversations.script import saying
from tests.application.conversations.talk import Talk
from tests.application.world import World


async def asked(world: World, *contents: str) -> Talk:
    talk = await Talk.begun(world)
    for content in contents or ("Hello?",):
        await talk.ask(content)
    return talk


def cancel(world: World) -> CancelRunAsMember:
    return CancelRunAsMember(world.begin, world.clock)


async def test_a_member_lists_the_runs_and_reads_one(world: World) -> None:
    talk = await asked(world, "One?", "Two?")
    list_runs = ListRuns(world.conversations, MemoryRunViews(world.store))
    page = await list_runs(talk.owner, talk.visit.conversation_id, None, 1)
    rest = await list_runs(talk.owner, talk.visit.conversation_id, page.next_cursor, 1)
    first, second = talk.runs()
    assert [view.id for view in (*page.items, *rest.items)] == [second.id, first.id]
    assert await ReadRun(world.conversations)(talk.owner, first.id) == rest.items[0]


async def test_strangers_visitors_and_viewers_may_not(world: World) -> None:
    talk = await asked(world)
    (run,) = talk.runs()
    viewer = a_member(world, talk.visit, role=Role.VIEWER)
    list_runs, read_run = ListRuns(world.conversations, MemoryRunViews(world.store)), ReadRun(world.conversations)
    for caller in (world.stranger(), talk.visit.caller):
        with pytest.raises(NotFound):
            await list_runs(caller, talk.visit.conversation_id, None, 1)
        for use in (read_run, cancel(world), RetryRun(world.begin, world.clock)):
            with pytest.raises(NotFound):
                await use(caller, run.id)
    assert (await read_run(viewer, run.id)).id == run.id
    for use in (cancel(world), RetryRun(world.begin, world.clock)):
        with pytest.raises(Forbidden):
            await use(viewer, run.id)
    assert talk.runs() == [run]


async def test_a_run_that_is_not_there_is_not_found(world: World) -> None:
    talk = await asked(world)
    absent = RunId(new_id(world.clock.now()))
    for use in (ReadRun(world.conversations), cancel(world), RetryRun(world.begin, world.clock)):
        with pytest.raises(NotFound):
            await use(talk.owner, absent)


async def test_a_waiting_run_is_cancelled_at_once_in_the_members_name(world: World) -> None:
    talk = await asked(world)
    (run,) = talk.runs()
    view = await cancel(world)(talk.owner, run.id)
    assert view.status is RunStatus.CANCELLED
    (event,) = told(world, talk.visit, "run.cancelled")
    assert event.actor == talk.owner.actor


async def test_the_worker_of_a_running_run_is_told(world: World) -> None:
    talk = await asked(world)
    claim = await world.claim()
    view = await cancel(world)(talk.owner, talk.runs()[0].id)
    assert view.ended_at is None
    assert world.job(claim.job_id).cancel_asked


async def test_a_run_that_has_ended_stays_as_it_is(world: World) -> None:
    talk = await asked(world)
    await talk.reply("Hi.")
    happened = world.happened()
    view = await cancel(world)(talk.owner, talk.runs()[0].id)
    assert (view.status, world.happened()) == (RunStatus.COMPLETED, happened)


@pytest.mark.parametrize("how", ["fail", "cancel"])
async def test_a_run_that_came_to_nothing_is_made_once_more_by_a_new_one(world: World, how: str) -> None:
    talk = await asked(world)
    (first,) = talk.runs()
    if how == "fail":
        await talk.fail()
    else:
        await cancel(world)(talk.owner, first.id)
    view = await talk.retry(first.id)
    (event,) = told(world, talk.visit, "run.retried")
    assert (event.actor, event.subject.id) == (talk.owner.actor, view.id)
    ended, again = talk.runs()
    assert (again.id, again.message_id, again.turn) == (view.id, first.message_id, 2)
    assert world.job(again.job_id).status is JobStatus.QUEUED

    await talk.reply("Hi.")
    assert world.said(talk.visit) == ["Hello?", "Hi."]
    assert [run.status for run in talk.runs()] == [ended.status, RunStatus.COMPLETED]


async def test_the_retry_sees_what_was_said_up_to_its_question(world: World) -> None:
    talk = await asked(world, "One?")
    await talk.fail()
    await talk.ask("Two?")
    await talk.reply("Two.")
    await talk.retry(talk.runs()[0].id)
    script = ScriptedLanguageModel(saying("One."))
    await world.reply(await world.claim(), script)
    assert script.prompts[0].turns == (UserTurn(text="One?"),)


async def test_what_waits_runs_or_is_complete_is_not_retried(world: World) -> None:
    talk = await asked(world)
    (run,) = talk.runs()
    with pytest.raises(RunNotRetryable):
        await talk.retry(run.id)
    reply = Dictation(world, await world.claim())
    await reply.say("Hi.")
    with pytest.raises(RunNotRetryable):
        await talk.retry(run.id)
    await reply.end()
    with pytest.raises(RunNotRetryable):
        await talk.retry(run.id)
    assert [run.status for run in talk.runs()] == [RunStatus.COMPLETED]


async def test_of_two_who_retry_at_once_one_does(world: World) -> None:
    talk = await asked(world)
    await talk.fail()
    (run,) = talk.runs()
    results = await asyncio.gather(*(talk.retry(run.id) for _ in range(2)), return_exceptions=True)
    assert [isinstance(result, RunNotRetryable) for result in results].count(True) == 1
    assert len(talk.runs()) == 2


async def test_a_retry_that_failed_is_retried_in_its_turn_and_not_once_it_was_answered(world: World) -> None:
    talk = await asked(world)
    await talk.fail()
    await talk.retry(talk.runs()[0].id)
    await talk.fail()
    await talk.retry(talk.runs()[0].id)
    await talk.reply("Hi.")
    for run in talk.runs():
        with pytest.raises(RunNotRetryable):
            await talk.retry(run.id)


async def test_nothing_is_retried_where_the_assistant_is_silent(world: World) -> None:
    talk = await asked(world)
    await talk.fail()
    (run,) = talk.runs()
    await talk.take_over()
    with pytest.raises(TakenOver):
        await talk.retry(run.id)
    await Side(world, talk.visit, talk.owner).edit({"status": ConversationStatus.CLOSED})
    with pytest.raises(ConversationClosed):
        await talk.retry(run.id)


async def test_a_retry_needs_room_among_those_that_wait(world: World) -> None:
    talk = await asked(world)
    await talk.fail()
    (run,) = talk.runs()
    for _ in range(6):
        await world.say(talk.visit, "More?", IfBusy.QUEUE)
    with pytest.raises(TooManyWaiting):
        await talk.retry(run.id)
