import asyncio
from datetime import timedelta

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.ask_a_person import AskAPerson
from application.conversations.blank_message import BlankMessage
from application.conversations.dialogue import CHECKPOINT_EVERY
from application.jobs.cancel_job import EndCancelledJob
from application.ports.language_model import ModelEvent, TextDelta
from domain.access import Role
from domain.conversations import REPORT_UNANSWERED, ConversationStatus, HandledBy, RunStatus, TakenOver
from domain.errors import Forbidden, NotFound, Stale
from domain.jobs import CANCELS_TOPIC, JobCancelled, JobStatus
from tests.application.conversations.members import Side, a_member, stored, told
from tests.application.conversations.script import TOOLS, calling, saying
from tests.application.conversations.talk import Talk
from tests.application.doubles import ActingLanguageModel
from tests.application.world import Visit, World


def maria(world: World, visit: Visit) -> Side:
    return Side(world, visit, a_member(world, visit))


def statuses(world: World) -> list[RunStatus]:
    return [run.status for run in sorted(world.store.runs.rows.values(), key=lambda run: run.turn)]


async def test_who_takes_over_is_seen_and_the_visitor_waits_no_more(world: World) -> None:
    visit = await world.visit()
    await AskAPerson(world.begin, world.clock)(visit.caller, visit.conversation_id)
    member = maria(world, visit)
    view = await member.take_over()

    assert (view.handled_by, view.handler, view.waiting_since) == (HandledBy.HUMAN, member.caller.actor, None)
    assert view.version == stored(world, visit).version
    assert [event.actor for event in told(world, visit, "conversation.taken_over")] == [member.caller.actor]


async def test_taking_over_again_is_no_event_and_no_new_version(world: World) -> None:
    member = maria(world, await world.visit())

    assert await member.take_over() == await member.take_over()
    assert len(told(world, member.visit, "conversation.taken_over")) == 1


async def test_of_two_at_once_one_wins_and_the_other_is_told_who(world: World) -> None:
    visit = await world.visit()
    sides = [Side(world, visit, a_member(world, visit, name)) for name in ("Maria", "Noah", "Olga")]
    answers = await asyncio.gather(*(side.take_over() for side in sides), return_exceptions=True)

    winner = stored(world, visit).handler
    assert winner is not None
    lost = [str(answer) for answer in answers if isinstance(answer, TakenOver)]
    assert lost == [f"{winner.name} handles this conversation. Hand it back first to take it over."] * 2
    assert [event.actor for event in told(world, visit, "conversation.taken_over")] == [winner]


async def test_waiting_replies_are_cancelled_and_the_worker_of_a_running_one_is_told(world: World) -> None:
    visit, claim = await world.asked()
    await world.say(visit, "And this?")
    member = maria(world, visit)
    async with world.bell.listen(CANCELS_TOPIC) as worker:
        await member.take_over()

        assert await worker.heard(0)
    assert world.job(claim.job_id).cancel_asked
    assert statuses(world) == [RunStatus.QUEUED, RunStatus.CANCELLED]
    assert stored(world, visit).handler == member.caller.actor


async def test_the_half_sentence_of_a_stopped_reply_is_kept(world: World) -> None:
    visit, claim = await world.asked()
    progress, member = MemoryJobProgress(), maria(world, visit)

    async def take_over() -> None:
        await member.take_over()
        progress.cancel()

    script = ScriptedLanguageModel([TextDelta("Half a "), TextDelta("sentence"), TextDelta(" too much")])
    run = await world.reply(claim, ActingLanguageModel(script, {"sentence": take_over}), progress)

    assert run.status is RunStatus.CANCELLED
    assert world.said(visit) == ["Hello?", "Half a sentence"]
    assert stored(world, visit).unanswered_since is not None


async def test_a_reply_that_has_not_begun_says_nothing_though_its_worker_has_not_heard_of_the_takeover(
    world: World,
) -> None:
    visit, claim = await world.asked()
    await maria(world, visit).take_over()
    model = ScriptedLanguageModel()
    with pytest.raises(JobCancelled):
        await world.reply(claim, model)
    await EndCancelledJob(world.begin, world.burials, world.clock)(claim)

    assert (world.run_of(claim).status, model.prompts) == (RunStatus.CANCELLED, [])
    assert world.job(claim.job_id).status is JobStatus.CANCELLED
    assert not told(world, visit, "run.started")


@pytest.mark.parametrize("further", [[TextDelta(" much")], calling("list_services", {})[:1]])
async def test_a_reply_stops_at_its_next_save_when_its_worker_has_not_heard_of_the_takeover(
    world: World, further: list[ModelEvent]
) -> None:
    visit, claim = await world.asked()

    async def take_over() -> None:
        await maria(world, visit).take_over()
        world.clock.advance(CHECKPOINT_EVERY if isinstance(further[0], TextDelta) else timedelta())

    script = ScriptedLanguageModel([TextDelta("Half"), TextDelta(" too"), *further, TOOLS])
    run = await world.reply(claim, ActingLanguageModel(script, {" too": take_over}))

    assert (run.status, len(script.prompts)) == (RunStatus.CANCELLED, 1)
    assert world.said(visit) == ["Hello?", "Half too"]


async def test_what_an_abandoned_reply_had_said_is_kept_before_the_member_comes(world: World) -> None:
    visit, claim = await world.asked()
    await world.crash_after(claim, "Half an answer")
    view = await maria(world, visit).take_over()

    assert world.said(visit) == ["Hello?", "Half an answer"]
    assert view.last_message is not None
    assert view.last_message.excerpt == "Half an answer"


async def test_nothing_is_answered_until_the_member_hands_back(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    await member.take_over()
    assert (await world.say(visit, "One?")).run is None
    asked = await world.say(visit, "Two?")
    await member.hand_back()

    run = world.run_of(await world.claim())
    assert (run.message_id, run.turn) == (asked.message.id, 3)
    assert stored(world, visit).turns == 3
    assert [event.type for event in world.events(run.workspace_id)][-2:] == ["conversation.handed_back", "run.retried"]
    assert told(world, visit, "run.retried")[0].actor == member.caller.actor


async def test_what_was_asked_before_and_stopped_is_answered_after_the_handback(world: World) -> None:
    visit = await world.visit()
    posted = await world.say(visit, "What does it cost?")
    member = maria(world, visit)
    await member.take_over()
    await member.hand_back()
    run = await world.reply(await world.claim(), ScriptedLanguageModel(saying("60 €.")))

    assert (run.message_id, run.status) == (posted.message.id, RunStatus.COMPLETED)
    assert statuses(world) == [RunStatus.CANCELLED, RunStatus.COMPLETED]
    assert world.said(visit) == ["What does it cost?", "60 €."]
    assert stored(world, visit).unanswered_since is None


async def test_what_the_member_has_answered_is_not_answered_again(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    await member.take_over()
    await world.say(visit, "Anyone?")
    await member.say()
    view = await member.hand_back()

    assert (view.handled_by, view.handler, view.message_count) == (HandledBy.ASSISTANT, None, 2)
    assert not world.store.runs.rows
    assert not told(world, visit, "run.retried")


async def test_in_a_closed_conversation_nothing_is_answered_after_the_handback(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    await member.take_over()
    await world.say(visit, "Anyone?")
    await member.edit({"status": ConversationStatus.CLOSED})

    assert (await member.hand_back()).handled_by is HandledBy.ASSISTANT
    assert not world.store.runs.rows


async def test_handing_back_what_the_assistant_handles_is_no_event(world: World) -> None:
    visit = await world.visit()
    await world.say(visit)
    view = await maria(world, visit).hand_back()

    assert view.version == stored(world, visit).version
    assert statuses(world) == [RunStatus.QUEUED]
    assert not told(world, visit, "conversation.handed_back")


async def test_another_member_may_hand_back(world: World) -> None:
    visit = await world.visit()
    await maria(world, visit).take_over()
    noah = Side(world, visit, a_member(world, visit, "Noah"))
    await noah.hand_back()

    assert (await noah.take_over()).handler == noah.caller.actor


async def test_only_the_version_that_is_expected_changes_hands(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    with pytest.raises(Stale):
        await member.take_over(expected=9)
    view = await member.take_over(expected=1)
    with pytest.raises(Stale):
        await member.hand_back(expected=1)
    assert (await member.hand_back(expected=view.version)).handler is None


async def test_viewers_may_not_and_strangers_and_visitors_find_nothing(world: World) -> None:
    visit = await world.visit()
    await world.say(visit)
    viewer = Side(world, visit, a_member(world, visit, role=Role.VIEWER))
    for attempt in (viewer.take_over, viewer.hand_back):
        with pytest.raises(Forbidden):
            await attempt()
    for caller in (world.stranger(), visit.caller):
        side = Side(world, visit, caller)
        for attempt in (side.take_over, side.hand_back):
            with pytest.raises(NotFound):
                await attempt()
    assert statuses(world) == [RunStatus.QUEUED]


async def test_a_conversation_changes_hands_as_often_as_it_takes(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    for number in range(3):
        await world.say(visit, f"Question {number}?")
        await member.take_over()
        await member.hand_back()
        run = await world.reply(await world.claim(), ScriptedLanguageModel(saying(f"Answer {number}.")))
        assert run.status is RunStatus.COMPLETED
        world.clock.advance(timedelta(seconds=1))

    assert world.said(visit) == [text for number in range(3) for text in (f"Question {number}?", f"Answer {number}.")]
    assert [run.turn for run in sorted(world.store.runs.rows.values(), key=lambda run: run.turn)] == [1, 2, 3, 4, 5, 6]


async def test_what_was_blanked_is_not_answered_but_what_was_asked_before_it_is(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    await member.take_over()
    asked = await world.say(visit, "One?")
    blanked = await world.say(visit, "My number is 4711.")
    await BlankMessage(world.begin, world.conversations, world.log, world.clock)(member.caller, blanked.message.id)
    await member.hand_back()

    assert world.run_of(await world.claim()).message_id == asked.message.id


async def test_what_was_answered_before_what_was_blanked_is_not_answered_again(world: World) -> None:
    visit, claim = await world.asked("One?")
    await world.reply(claim, ScriptedLanguageModel(saying("One.")))
    member = maria(world, visit)
    await member.take_over()
    blanked = await world.say(visit, "My number is 4711.")
    await BlankMessage(world.begin, world.conversations, world.log, world.clock)(member.caller, blanked.message.id)
    await member.hand_back()

    assert statuses(world) == [RunStatus.COMPLETED]


async def test_a_question_whose_reply_was_not_stopped_in_time_is_answered_once(world: World) -> None:
    visit, claim = await world.asked("What does it cost?")
    member = maria(world, visit)

    async def change_hands() -> None:
        await member.take_over()
        await member.hand_back()

    script = ScriptedLanguageModel(saying("60 €."))
    await world.reply(claim, ActingLanguageModel(script, {"60 €.": change_hands}))
    assert statuses(world) == [RunStatus.COMPLETED, RunStatus.QUEUED]
    with pytest.raises(JobCancelled):
        await world.reply(await world.claim(), ScriptedLanguageModel(saying("60 €.")))

    assert world.said(visit) == ["What does it cost?", "60 €."]


async def test_only_an_answer_to_what_was_asked_last_leaves_nothing_unanswered(world: World) -> None:
    talk = await Talk.begun(world)
    for question in ("One?", "Two?"):
        await talk.ask(question)
        await talk.fail()
    await talk.retry(talk.runs()[0].id)
    await talk.reply("One.")
    assert stored(world, talk.visit).unanswered_since is not None
    await talk.retry(talk.runs()[1].id)
    await talk.reply("Two.")
    assert stored(world, talk.visit).unanswered_since is None


async def test_a_reply_that_says_that_it_does_not_know_answers_nothing_and_is_not_made_again(world: World) -> None:
    visit, claim = await world.asked("And a dog?")
    report = calling(REPORT_UNANSWERED, {"question": "And a dog?"})
    await world.reply(claim, ScriptedLanguageModel(report, saying("I do not know.")))
    member = maria(world, visit)
    await member.take_over()

    assert stored(world, visit).unanswered_since is not None
    await member.hand_back()
    assert statuses(world) == [RunStatus.COMPLETED]
