from collections.abc import Sequence
from datetime import datetime

from domain.conversations.conversation import Conversation, ConversationClosed, ConversationStatus, HandledBy, TakenOver
from domain.conversations.message import Message
from domain.conversations.run import IfBusy, Run, RunStatus, admit
from domain.errors import Conflict

_RETRYABLE = frozenset({RunStatus.FAILED, RunStatus.CANCELLED})


class RunNotRetryable(Conflict):
    """The run cannot be made once more."""

    code = "run_not_retryable"
    detail = "Only a failed or cancelled run can be retried."


def retried(
    run: Run, message: Message, conversation: Conversation, siblings: Sequence[Run], active: int, at: datetime
) -> tuple[Conversation, Run]:
    """The conversation and a new run that answers the `message` of an ended `run` once more.

    Args:
        run: which failed or was cancelled.
        message: what it was to answer.
        conversation: in which.
        siblings: all runs that answer the message.
        active: how many runs of the conversation wait or run.
        at: now.

    Raises:
        RunNotRetryable: it has not failed, its message is blank, or another run answers or has answered it.
        ConversationClosed: the conversation takes no messages.
        TakenOver: a person handles it.
        TooManyWaiting: as many messages as may wait do.
    """
    if run.status not in _RETRYABLE:
        raise RunNotRetryable
    if conversation.status is not ConversationStatus.OPEN:
        raise ConversationClosed("This conversation is closed. Open it again first.")
    if conversation.handled_by is HandledBy.HUMAN:
        raise TakenOver("A person handles this conversation. Hand it back first.")
    if message.blanked_at is not None:
        raise RunNotRetryable("The message was removed.")
    if any(sibling.status not in _RETRYABLE for sibling in siblings):
        raise RunNotRetryable("Another run answers this message.")
    admit(active, IfBusy.QUEUE)
    return Run.answering_again(message, conversation, at)
