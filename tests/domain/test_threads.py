from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.conversations import (
    GET_BOOKING_LINK,
    Channel,
    Conversation,
    ConversationStatus,
    QuestionResolved,
    Run,
    RunErrorCode,
    Step,
    Visitor,
    external_id,
)
from domain.errors import Invalid, NotFound
from domain.ids import WorkspaceId

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)


def a_thread() -> Conversation:
    return Conversation.begun_on(Channel.WHATSAPP, "420123", WorkspaceId(uuid4()), AT)


def a_run() -> Run:
    _, message = a_thread().said_by_visitor("Do you have parking?", AT)
    return Run.answering(message, AT)


def with_links(*statuses: str) -> Run:
    steps = [
        Step(id=str(number), tool=GET_BOOKING_LINK, args={}, offset=0, status=status, output=None)
        for number, status in enumerate(statuses)
    ]
    return a_run().with_progress("", tuple(steps), 1)


def test_a_thread_of_a_channel_is_a_conversation_that_waits_for_its_first_message() -> None:
    conversation = a_thread()
    assert (conversation.channel, conversation.external_id) == (Channel.WHATSAPP, "420123")
    assert (conversation.status, conversation.message_count) == (ConversationStatus.OPEN, 0)
    assert conversation.visitor == Visitor(name=None, email=None)
    _, message = conversation.said_by_visitor("Hello", LATER, external_id="wamid.1")
    assert (message.external_id, message.author) == ("wamid.1", conversation.visitor_actor)


def test_what_was_not_known_of_a_visitor_is_kept_and_the_rest_stays() -> None:
    conversation = a_thread().visited_by(" Věra ", None)
    assert conversation.visitor == Visitor(name="Věra", email=None)
    assert conversation.visited_by("Eve", "vera@example.com").visitor == Visitor(name="Věra", email="vera@example.com")
    assert conversation.visited_by(" ", "").visitor == conversation.visitor


def test_what_is_told_of_a_visitor_is_bounded() -> None:
    for name, email, pointer in (("x" * 201, None, "/sender/name"), (None, "x" * 321, "/sender/email")):
        with pytest.raises(Invalid) as refused:
            a_thread().visited_by(name, email)
        assert [fault.pointer for fault in refused.value.faults] == [pointer]


@pytest.mark.parametrize("value", ["", " ", "x" * 201, "a\x00b", "\ud800"])
def test_an_id_of_a_channel_is_1_to_200_characters(value: str) -> None:
    with pytest.raises(Invalid) as refused:
        external_id(value, at="/thread_id")
    assert [fault.pointer for fault in refused.value.faults] == ["/thread_id"]
    assert external_id(f" {'x' * 200} ", at="/thread_id") == "x" * 200


@pytest.mark.parametrize(("statuses", "links"), [((), 0), (("error",), 0), (("ok",), 1), (("ok", "error", "ok"), 1)])
def test_a_way_to_book_that_was_given_twice_in_a_reply_counts_once(statuses: tuple[str, ...], links: int) -> None:
    assert with_links(*statuses).booking_links == links


def test_a_question_is_resolved_once() -> None:
    resolved = a_run().failed(RunErrorCode.TIMEOUT, AT).resolved(LATER)
    assert resolved.resolved_at == LATER
    with pytest.raises(QuestionResolved):
        resolved.resolved(LATER)


def test_only_a_question_that_was_not_answered_can_be_resolved() -> None:
    running = a_run().started(1, "test:model", "reply-1", AT)
    for run in (running, running.completed(AT), running.cancelled(AT)):
        with pytest.raises(NotFound):
            run.resolved(LATER)
