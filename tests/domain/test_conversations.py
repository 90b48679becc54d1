from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import ASSISTANT, Actor, ActorType, Subject
from domain.conversations import (
    CONTENT_LENGTH,
    MAX_WAITING,
    TRANSITIONS,
    Conversation,
    ConversationClosed,
    ConversationStarted,
    ConversationStatus,
    FeedbackValue,
    IfBusy,
    Message,
    MessagePosted,
    MessageRated,
    MessageRole,
    MessageStatus,
    Run,
    RunEnded,
    RunErrorCode,
    RunInProgress,
    RunStarted,
    RunStatus,
    Step,
    TooManyWaiting,
    Usage,
    admit,
    conversation_topic,
)
from domain.errors import Invalid, NotFound
from domain.ids import MessageId, RunId, WorkspaceId
from domain.pricing import Cost

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
WORKSPACE = WorkspaceId(uuid4())
COMPLETE = MessageStatus.COMPLETE
STEP = Step(id="a", tool="list_services", args={}, offset=0, status="ok", output=[])


def a_conversation() -> Conversation:
    return Conversation.started(WORKSPACE, "Vera", "vera@example.com", AT)


def a_run() -> tuple[Conversation, Message, Run]:
    conversation, message = a_conversation().said_by_visitor("What does it cost?", AT)
    return conversation, message, Run.answering(message, AT)


def test_a_visitor_may_stay_unknown() -> None:
    visitor = Conversation.started(WORKSPACE, " ", None, AT).visitor
    assert (visitor.name, visitor.email) == (None, None)


@pytest.mark.parametrize(
    ("name", "email", "pointer"), [("x" * 201, None, "/visitor_name"), (None, "x" * 321, "/visitor_email")]
)
def test_what_a_visitor_tells_is_bounded(name: str | None, email: str | None, pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        Conversation.started(WORKSPACE, name, email, AT)
    assert raised.value.faults[0].pointer == pointer


def test_a_visitor_acts_without_their_name() -> None:
    conversation = a_conversation()
    assert conversation.visitor_actor == Actor(ActorType.VISITOR, conversation.id, "Visitor")


def test_a_visitor_can_only_write_as_visitor() -> None:
    before = a_conversation()
    conversation, message = before.said_by_visitor("  Hello! ", LATER)
    assert (message.role, message.author, message.content) == (MessageRole.VISITOR, before.visitor_actor, "Hello!")
    assert (message.position, message.turn, message.run_id) == (1, 1, None)
    assert conversation == replace(before, message_count=1, turns=1, unanswered_since=LATER, updated_at=LATER)


@pytest.mark.parametrize("content", ["", " \n", "x" * (CONTENT_LENGTH + 1), "\x00"])
def test_content_has_1_to_8000_characters(content: str) -> None:
    with pytest.raises(Invalid) as raised:
        a_conversation().said_by_visitor(content, AT)
    assert raised.value.faults[0].pointer == "/content"


@pytest.mark.parametrize("status", [ConversationStatus.CLOSED, ConversationStatus.ARCHIVED])
def test_a_conversation_that_is_not_open_takes_no_messages(status: ConversationStatus) -> None:
    with pytest.raises(ConversationClosed):
        replace(a_conversation(), status=status).said_by_visitor("Hello", AT)


def test_a_reply_has_the_id_that_was_announced_and_the_turn_of_its_question() -> None:
    conversation, message, run = a_run()
    after, reply = conversation.said_by_assistant(run.reply_message_id, run.id, run.turn, "120 CZK.", COMPLETE, LATER)
    assert (reply.id, reply.run_id, reply.turn) == (run.reply_message_id, run.id, message.turn)
    assert (reply.role, reply.author, reply.position) == (MessageRole.ASSISTANT, ASSISTANT, 2)
    assert (after.message_count, after.updated_at) == (2, LATER)
    _, partial = conversation.said_by_assistant(
        run.reply_message_id, run.id, run.turn, "120", MessageStatus.PARTIAL, LATER
    )
    assert (reply.status, partial.status) == (MessageStatus.COMPLETE, MessageStatus.PARTIAL)


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_reading_by_turn_puts_each_reply_behind_its_question(replied: list[bool]) -> None:
    conversation, said, runs = a_conversation(), list[Message](), list[Run]()
    for answered in replied:
        conversation, message = conversation.said_by_visitor("Question", AT)
        run = Run.answering(message, AT)
        said, runs = [*said, message], [*runs, run]
        if answered:
            for each in runs:
                conversation, reply = conversation.said_by_assistant(
                    each.reply_message_id, each.id, each.turn, "Answer", COMPLETE, AT
                )
                said.append(reply)
            runs = []
    read = sorted(said, key=lambda message: (message.turn, message.position))
    turns = [(message.turn, message.role) for message in read]
    assert turns == sorted(turns, key=lambda turn: (turn[0], turn[1] is MessageRole.ASSISTANT))
    assert sorted(message.position for message in said) == list(range(1, conversation.message_count + 1))


def test_only_a_reply_can_be_rated_and_the_newest_rating_counts() -> None:
    conversation, message, run = a_run()
    _, reply = conversation.said_by_assistant(run.reply_message_id, run.id, 1, "120 CZK.", COMPLETE, AT)
    rated = reply.rated(FeedbackValue.DOWN, " Wrong. ", AT).rated(FeedbackValue.UP, None, LATER)
    assert rated.metadata == {"feedback": {"value": "up", "note": None, "at": LATER.isoformat().replace("+00:00", "Z")}}
    with pytest.raises(NotFound):
        message.rated(FeedbackValue.UP, None, AT)
    with pytest.raises(Invalid):
        reply.rated(FeedbackValue.UP, "x" * 2_001, AT)


def test_a_conversation_waits_for_a_person_since_the_first_time() -> None:
    waiting = a_conversation().awaiting_person(AT).awaiting_person(LATER)
    assert (waiting.waiting_since, waiting.updated_at) == (AT, AT)


def test_a_run_answers_a_message_in_its_turn() -> None:
    conversation, message, run = a_run()
    assert (conversation.turns, run.turn, run.message_id) == (1, 1, message.id)
    assert (run.status, run.attempt, run.conversation_id) == (RunStatus.QUEUED, 0, conversation.id)
    assert len({run.id, run.reply_message_id, run.job_id, message.id}) == 4


MOVES: dict[RunStatus, Callable[[Run], Run]] = {
    RunStatus.RUNNING: lambda run: run.started(run.attempt + 1, "test:model", "reply-1", LATER),
    RunStatus.COMPLETED: lambda run: run.completed(LATER),
    RunStatus.FAILED: lambda run: run.failed(RunErrorCode.TIMEOUT, LATER),
    RunStatus.CANCELLED: lambda run: run.cancelled(LATER),
}


@pytest.mark.parametrize("to", sorted(MOVES))
@pytest.mark.parametrize("status", RunStatus)
def test_a_run_goes_where_the_table_says(status: RunStatus, to: RunStatus) -> None:
    run = replace(a_run()[2], status=status)
    if to in TRANSITIONS[status]:
        moved = MOVES[to](run)
        assert moved.status is to
        assert (moved.ended_at is not None) == moved.ended
    else:
        with pytest.raises(RunEnded):
            MOVES[to](run)


def test_what_has_ended_stays_so_and_nothing_is_queued_again() -> None:
    ended = {status for status, next_ones in TRANSITIONS.items() if not next_ones}
    assert ended == {RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED}
    assert all(RunStatus.QUEUED not in next_ones for next_ones in TRANSITIONS.values())
    assert set(TRANSITIONS) == set(RunStatus)


def test_a_new_attempt_begins_the_reply_anew() -> None:
    first = MOVES[RunStatus.RUNNING](a_run()[2]).with_progress("120", (STEP,), 7)
    second = first.started(2, "other:model", "reply-2", LATER + timedelta(hours=1))
    assert (second.text, second.steps, second.last_sequence, second.attempt) == ("", (), 0, 2)
    assert (second.model, second.prompt_version, second.started_at) == ("other:model", "reply-2", LATER)


@pytest.mark.parametrize("to", [RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED])
def test_a_run_that_ends_keeps_its_text_and_steps(to: RunStatus) -> None:
    run = MOVES[RunStatus.RUNNING](a_run()[2]).with_progress("120", (STEP,), 7)
    ended = MOVES[to](run)
    assert (ended.text, ended.steps, ended.last_sequence, ended.ended_at) == ("120", (STEP,), 7, LATER)


@pytest.mark.parametrize(("status", "error"), [(RunStatus.CANCELLED, None), (RunStatus.FAILED, RunErrorCode.INTERNAL)])
def test_an_abandoned_run_leaves_room_for_frames_it_did_not_save(status: RunStatus, error: RunErrorCode | None) -> None:
    run = MOVES[RunStatus.RUNNING](a_run()[2]).with_progress("120", (), 7)
    ended = run.abandoned(status, LATER)
    assert (ended.status, ended.error, ended.text, ended.ended_at) == (status, error, "120", LATER)
    assert ended.last_sequence > 7


def test_usage_adds_up_where_a_model_tells_it() -> None:
    usage = Usage().plus(Usage())
    assert usage == Usage()
    calls = Usage(input_tokens=10), Usage(output_tokens=3), Usage(input_tokens=5, output_tokens=4)
    assert reduce(Usage.plus, calls) == Usage(input_tokens=15, output_tokens=7)


def euros(amount: str) -> Cost:
    return Cost(amount=amount, currency="EUR")


def test_a_run_costs_what_its_calls_do_and_nothing_known_once_one_is_unknown() -> None:
    *_, run = a_run()
    run = run.spending(Usage(cost=euros("0.25")), "a:b").spending(Usage(cost=euros("0.5")), "a:c")
    assert (run.usage, run.model) == (Usage(cost=euros("0.75")), "a:c")
    assert run.spending(Usage(), "a:b").usage == Usage()


@pytest.mark.parametrize("if_busy", IfBusy)
def test_an_idle_conversation_takes_any_message(if_busy: IfBusy) -> None:
    admit(0, if_busy)


def test_a_busy_conversation_lets_so_many_wait() -> None:
    admit(MAX_WAITING, IfBusy.QUEUE)
    with pytest.raises(TooManyWaiting, match=str(MAX_WAITING)):
        admit(MAX_WAITING + 1, IfBusy.QUEUE)


def test_a_busy_conversation_rejects_who_would_not_wait_and_takes_who_interrupts() -> None:
    with pytest.raises(RunInProgress):
        admit(1, IfBusy.REJECT)
    admit(MAX_WAITING + 1, IfBusy.INTERRUPT)


def test_events_of_a_conversation_ring_for_it_and_name_their_subject() -> None:
    conversation = a_conversation()
    message_id, run_id = MessageId(uuid4()), RunId(uuid4())
    started = ConversationStarted(
        workspace_id=WORKSPACE, actor=ASSISTANT, at=AT, conversation_id=conversation.id, channel="web"
    )
    posted = MessagePosted(
        workspace_id=WORKSPACE,
        actor=ASSISTANT,
        at=AT,
        conversation_id=conversation.id,
        message_id=message_id,
        role="visitor",
    )
    rated = MessageRated(
        workspace_id=WORKSPACE,
        actor=ASSISTANT,
        at=AT,
        conversation_id=conversation.id,
        message_id=message_id,
        value="up",
    )
    begun = RunStarted(
        workspace_id=WORKSPACE,
        actor=ASSISTANT,
        at=AT,
        conversation_id=conversation.id,
        run_id=run_id,
        attempt=1,
        model="test:model",
    )
    assert started.subject == Subject("conversation", conversation.id)
    assert posted.subject == rated.subject == Subject("message", message_id)
    assert begun.subject == Subject("run", run_id)
    assert {event.topics for event in (started, posted, rated, begun)} == {(conversation_topic(conversation.id),)}
