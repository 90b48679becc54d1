from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.actors import Actor, ActorType
from domain.conversations import (
    CONTENT_LENGTH,
    MOST_TAGS,
    Conversation,
    ConversationClosed,
    ConversationStatus,
    HandledBy,
    Message,
    MessageRole,
    MessageStatus,
    Run,
    TakenOver,
)
from domain.errors import Invalid
from domain.ids import WorkspaceId, new_id

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)
MARIA = Actor(ActorType.USER, uuid4(), "Maria")
NOAH = Actor(ActorType.USER, uuid4(), "Noah")


def a_conversation() -> Conversation:
    return Conversation.started(WorkspaceId(new_id(AT)), "Vera", None, AT)


def answered(conversation: Conversation, message: Message) -> tuple[Conversation, Message]:
    run = Run.answering(message, AT)
    return conversation.said_by_assistant(
        run.reply_message_id, run.id, run.turn, "9 to 5.", MessageStatus.COMPLETE, LATER
    )


def test_a_member_who_takes_over_handles_a_conversation_that_waits_no_more() -> None:
    taken = a_conversation().awaiting_person(AT).taken_over(MARIA, LATER)

    assert (taken.handled_by, taken.handler) == (HandledBy.HUMAN, MARIA)
    assert (taken.waiting_since, taken.updated_at) == (None, LATER)


def test_taking_over_again_changes_nothing() -> None:
    taken = a_conversation().taken_over(MARIA, AT)

    assert taken.taken_over(replace(MARIA, name="Maria Married"), LATER) == taken


def test_what_another_member_handles_cannot_be_taken_over_and_they_are_named() -> None:
    with pytest.raises(TakenOver, match="Maria"):
        a_conversation().taken_over(MARIA, AT).taken_over(NOAH, LATER)


@pytest.mark.parametrize("status", [ConversationStatus.CLOSED, ConversationStatus.ARCHIVED])
def test_closing_puts_a_conversation_into_nobodys_hands(status: ConversationStatus) -> None:
    asked, _ = a_conversation().taken_over(MARIA, AT).said_by_visitor("Are you there?", AT)
    closed = asked.edited({"status": status}, LATER)

    assert (closed.handled_by, closed.handler) == (HandledBy.ASSISTANT, None)
    assert (closed.waiting_since, closed.unanswered_since, closed.closed_at) == (None, None, LATER)
    assert closed.edited({"status": ConversationStatus.OPEN}, LATER).handled_by is HandledBy.ASSISTANT


def test_a_closed_conversation_is_opened_before_it_is_taken_over() -> None:
    closed = a_conversation().edited({"status": ConversationStatus.CLOSED}, AT)
    with pytest.raises(ConversationClosed, match="Open it again first"):
        closed.taken_over(MARIA, LATER)
    assert closed.edited({"status": ConversationStatus.OPEN}, AT).taken_over(MARIA, LATER).handler == MARIA


def test_what_was_handed_back_can_be_taken_over_by_another() -> None:
    back = a_conversation().taken_over(MARIA, AT).handed_back(LATER)

    assert (back.handled_by, back.handler, back.updated_at) == (HandledBy.ASSISTANT, None, LATER)
    assert back.taken_over(NOAH, LATER).handler == NOAH


def test_handing_back_what_the_assistant_handles_changes_nothing() -> None:
    conversation = a_conversation()

    assert conversation.handed_back(LATER) == conversation


def test_a_conversation_that_a_person_handles_does_not_wait_for_one() -> None:
    taken = a_conversation().taken_over(MARIA, AT)

    assert taken.awaiting_person(LATER) == taken


def test_a_conversation_that_waits_goes_on_waiting_since_then() -> None:
    waiting = a_conversation().awaiting_person(AT)

    assert waiting.waiting_since == AT
    assert waiting.awaiting_person(LATER) == waiting


def test_in_a_closed_conversation_nobody_can_be_asked_for() -> None:
    closed = a_conversation().edited({"status": ConversationStatus.CLOSED}, AT)

    with pytest.raises(ConversationClosed):
        closed.awaiting_person(LATER)


def test_a_members_message_has_a_turn_of_its_own_and_answers_the_visitor() -> None:
    asked, question = a_conversation().said_by_visitor("Anyone?", AT)
    said, message = asked.awaiting_person(AT).said_by_member("  Yes, Maria here. ", MARIA, LATER)

    assert (message.role, message.author, message.content) == (MessageRole.MEMBER, MARIA, "Yes, Maria here.")
    assert (message.position, message.turn) == (question.position + 1, question.turn + 1)
    assert (said.waiting_since, said.unanswered_since, said.updated_at) == (None, None, LATER)
    assert (said.handled_by, said.handler) == (HandledBy.ASSISTANT, None)


@pytest.mark.parametrize("content", ["", " \n ", "x" * (CONTENT_LENGTH + 1), "nul \0"])
def test_a_members_message_has_the_bounds_of_every_message(content: str) -> None:
    with pytest.raises(Invalid):
        a_conversation().said_by_member(content, MARIA, AT)


def test_a_member_opens_a_closed_conversation_before_they_say_anything() -> None:
    closed = a_conversation().edited({"status": ConversationStatus.ARCHIVED}, AT)

    with pytest.raises(ConversationClosed, match="Open it again first"):
        closed.said_by_member("Hello?", MARIA, LATER)
    opened = closed.edited({"status": ConversationStatus.OPEN}, LATER)
    assert opened.said_by_member("Hello?", MARIA, LATER)[1].content == "Hello?"


def test_a_question_is_unanswered_since_the_first_time_until_the_last_is_answered() -> None:
    once, first = a_conversation().said_by_visitor("When?", AT)
    twice, second = once.said_by_visitor("When, please?", LATER)
    assert (once.unanswered_since, twice.unanswered_since) == (AT, AT)

    assert answered(twice, first)[0].unanswered_since == AT
    assert answered(twice, second)[0].unanswered_since is None
    assert twice.said_by_member("At nine.", MARIA, LATER)[0].unanswered_since is None


def test_closing_notes_since_when_and_opening_forgets_it() -> None:
    closed = a_conversation().edited({"status": ConversationStatus.CLOSED}, AT)
    archived = closed.edited({"status": ConversationStatus.ARCHIVED}, LATER)

    assert (closed.closed_at, archived.closed_at, archived.updated_at) == (AT, AT, LATER)
    opened = archived.edited({"status": ConversationStatus.OPEN}, LATER)
    assert (opened.status, opened.closed_at) == (ConversationStatus.OPEN, None)


def test_an_edit_of_nothing_changes_nothing() -> None:
    conversation = a_conversation().edited({"tags": ["vip"]}, AT)

    assert conversation.edited({}, LATER) == conversation
    assert conversation.edited({"status": ConversationStatus.OPEN, "tags": ["vip"]}, LATER) == conversation


def test_tags_are_each_there_once_in_lower_case_without_white_space_and_can_be_emptied() -> None:
    tagged = a_conversation().edited({"tags": [" vip ", "New", "VIP"]}, LATER)

    assert (tagged.tags, tagged.updated_at) == (("vip", "new"), LATER)
    assert tagged.edited({"tags": None}, LATER).tags == ()


@pytest.mark.parametrize("tags", [[""], ["x" * 51], ["nul \0"], [str(number) for number in range(MOST_TAGS + 1)]])
def test_tags_that_cannot_be_taken_are_refused(tags: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        a_conversation().edited({"tags": tags}, LATER)
    assert refused.value.faults[0].pointer == "/tags"


def test_a_blanked_message_keeps_its_place_and_author_and_nothing_it_said() -> None:
    _, message = a_conversation().said_by_member("A secret", MARIA, AT)
    told = replace(message, metadata={"feedback": {"note": "A secret"}})
    blanked = told.blanked(LATER)

    assert blanked == replace(message, content="", metadata={}, blanked_at=LATER)
    assert blanked.blanked(LATER + timedelta(minutes=1)) == blanked
