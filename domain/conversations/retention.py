"""When a conversation's time is over. Views that look for such conversations hold to the same rules."""

from datetime import datetime, timedelta

from domain.conversations.conversation import Conversation, ConversationStatus, HandledBy
from domain.workspaces import Retention


def is_idle(conversation: Conversation, retention: Retention, at: datetime) -> bool:
    """Whether it is to be closed: open, without a word or an edit for so many days, and no person has to do with it."""
    return (
        conversation.status is ConversationStatus.OPEN
        and conversation.handled_by is HandledBy.ASSISTANT
        and conversation.waiting_since is None
        and _over(conversation.updated_at, retention.close_idle_days, at)
    )


def is_expired(conversation: Conversation, retention: Retention, at: datetime) -> bool:
    """Whether it is to be erased: closed or archived for so many days."""
    return _over(conversation.closed_at, retention.erase_closed_days, at)


def _over(since: datetime | None, days: int | None, at: datetime) -> bool:
    return since is not None and days is not None and since <= at - timedelta(days=days)
