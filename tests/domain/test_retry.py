from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from domain.actors import Actor, ActorType
from domain.conversations import (
    MAX_WAITING,
    Conversation,
    ConversationClosed,
    ConversationStatus,
    Message,
    Run,
    RunErrorCode,
    RunNotRetryable,
    RunStatus,
    TakenOver,
    TooManyWaiting,
    retried,
)
from domain.errors import Conflict
from domain.ids import WorkspaceId

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
MEMBER = Actor(ActorType.USER, uuid4(), "Maria")


def asked() -> tuple[Conversation, Message, Run]:
    conversation = Conversation.started(WorkspaceId(uuid4()), None, None, AT)
    conversation, message = conversation.said_by_visitor("Hello?", AT)
    return conversation, message, Run.answering(message, AT)


def ended(run: Run, status: RunStatus) -> Run:
    return run.cancelled(AT) if status is RunStatus.CANCELLED else run.failed(RunErrorCode.TIMEOUT, AT)


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.CANCELLED])
def test_a_run_that_failed_or_was_cancelled_is_made_once_more_in_a_turn_of_its_own(status: RunStatus) -> None:
    conversation, message, run = asked()
    run = ended(run, status)
    after, again = retried(run, message, conversation, [run], 0, AT)
    assert (again.message_id, again.turn, again.status) == (message.id, 2, RunStatus.QUEUED)
    assert after == replace(conversation, turns=2)
    assert len({run.id, again.id}) == len({run.job_id, again.job_id}) == 2
    assert again.reply_message_id != run.reply_message_id


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.COMPLETED])
def test_any_other_run_is_not(status: RunStatus) -> None:
    conversation, message, run = asked()
    run = replace(run, status=status)
    with pytest.raises(RunNotRetryable):
        retried(run, message, conversation, [run], 0, AT)


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.COMPLETED])
def test_a_message_that_another_run_answers_is_not_answered_once_more(status: RunStatus) -> None:
    conversation, message, run = asked()
    failed, other = ended(run, RunStatus.FAILED), replace(Run.answering(message, AT), status=status)
    with pytest.raises(RunNotRetryable):
        retried(failed, message, conversation, [failed, other], 1, AT)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"status": ConversationStatus.CLOSED, "closed_at": AT}, ConversationClosed),
        ({"status": ConversationStatus.ARCHIVED, "closed_at": AT}, ConversationClosed),
    ],
)
def test_a_closed_conversation_has_no_retries(changes: dict[str, Any], error: type[Conflict]) -> None:
    conversation, message, run = asked()
    failed = ended(run, RunStatus.FAILED)
    with pytest.raises(error):
        retried(failed, message, replace(conversation, **changes), [failed], 0, AT)


def test_the_assistant_is_silent_while_a_person_handles_the_conversation() -> None:
    conversation, message, run = asked()
    failed = ended(run, RunStatus.FAILED)
    with pytest.raises(TakenOver):
        retried(failed, message, conversation.taken_over(MEMBER, AT), [failed], 0, AT)


def test_what_was_blanked_is_not_answered() -> None:
    conversation, message, run = asked()
    failed = ended(run, RunStatus.FAILED)
    with pytest.raises(RunNotRetryable):
        retried(failed, message.blanked(AT), conversation, [failed], 0, AT)


def test_a_retry_waits_only_where_there_is_room() -> None:
    conversation, message, run = asked()
    failed = ended(run, RunStatus.FAILED)
    _, again = retried(failed, message, conversation, [failed], MAX_WAITING, AT)
    assert again.status is RunStatus.QUEUED
    with pytest.raises(TooManyWaiting):
        retried(failed, message, conversation, [failed], MAX_WAITING + 1, AT)
