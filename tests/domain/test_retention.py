from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import Actor, ActorType
from domain.conversations import Conversation, ConversationStatus, is_expired, is_idle
from domain.errors import Invalid
from domain.ids import UserId, WorkspaceId
from domain.workspaces import Handle, Retention, RetentionChanges, Workspace

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
DAY = timedelta(days=1)
MEMBER = Actor(ActorType.USER, uuid4(), "Maria")


def workspace() -> Workspace:
    return Workspace.personal_of(UserId(uuid4()), "Ada", Handle("ada-studio"), AT)


def conversation() -> Conversation:
    return Conversation.started(WorkspaceId(uuid4()), None, None, AT)


def closed(status: ConversationStatus = ConversationStatus.CLOSED) -> Conversation:
    return conversation().edited({"status": status}, AT)


def test_everything_is_kept_for_ever_by_default() -> None:
    assert workspace().retention == Retention(close_idle_days=None, erase_closed_days=None)
    assert not is_idle(conversation(), Retention(), AT + 10_000 * DAY)
    assert not is_expired(closed(), Retention(), AT + 10_000 * DAY)


def test_an_edit_changes_what_it_names_and_null_keeps_for_ever() -> None:
    edited = workspace().edited({"retention": {"close_idle_days": 1, "erase_closed_days": 3_650}}, AT)
    assert edited.retention == Retention(close_idle_days=1, erase_closed_days=3_650)
    edited = edited.edited({"retention": {"close_idle_days": None}}, AT)
    assert edited.retention == Retention(erase_closed_days=3_650)


@pytest.mark.parametrize("days", [0, -1, 3_651, 10**30])
def test_days_that_cannot_be_are_refused_and_named(days: int) -> None:
    changes: RetentionChanges = {"close_idle_days": days, "erase_closed_days": days}
    with pytest.raises(Invalid) as refused:
        workspace().edited({"retention": changes}, AT)
    assert [fault.pointer for fault in refused.value.faults] == [
        "/retention/close_idle_days",
        "/retention/erase_closed_days",
    ]


@given(st.integers(1, 3_650), st.integers(-(10**6), 10**6))
def test_a_conversation_is_idle_from_the_day_on_and_not_before(days: int, seconds: int) -> None:
    at = AT + timedelta(days=days, seconds=seconds)
    assert is_idle(conversation(), Retention(close_idle_days=days), at) == (seconds >= 0)


@given(
    st.integers(1, 3_650),
    st.integers(-(10**6), 10**6),
    st.sampled_from([ConversationStatus.CLOSED, ConversationStatus.ARCHIVED]),
)
def test_a_conversation_is_expired_from_the_day_on_and_not_before(
    days: int, seconds: int, status: ConversationStatus
) -> None:
    at = AT + timedelta(days=days, seconds=seconds)
    assert is_expired(closed(status), Retention(erase_closed_days=days), at) == (seconds >= 0)


def test_what_a_person_has_to_do_with_is_never_idle() -> None:
    retention, later = Retention(close_idle_days=1), AT + 9 * DAY
    assert is_idle(conversation(), retention, later)
    assert not is_idle(conversation().taken_over(MEMBER, AT), retention, later)
    assert not is_idle(conversation().awaiting_person(AT), retention, later)


def test_words_make_an_idle_conversation_young_again() -> None:
    said, _ = conversation().said_by_visitor("Hello?", AT + 9 * DAY)
    assert not is_idle(said, Retention(close_idle_days=1), AT + 9 * DAY)


def test_open_conversations_do_not_expire_and_closed_ones_are_not_idle() -> None:
    retention, later = Retention(close_idle_days=1, erase_closed_days=1), AT + 9 * DAY
    assert not is_expired(conversation(), retention, later)
    assert not is_idle(closed(), retention, later)
    assert not is_expired(replace(closed()).edited({"status": ConversationStatus.OPEN}, AT), retention, later)
