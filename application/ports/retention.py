from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from application.ports.conversations import ConversationsWork
from application.ports.workspaces import Workspaces
from domain.ids import ConversationId


class RetentionViews(Protocol):
    """Conversations whose time is over, by what their workspace keeps; of all workspaces."""

    async def idle(self, at: datetime, limit: int) -> Sequence[ConversationId]:
        """Up to `limit` conversations that `domain.conversations.is_idle` at this moment."""
        ...

    async def expired(self, at: datetime, limit: int) -> Sequence[ConversationId]:
        """Up to `limit` conversations that `domain.conversations.is_expired` at this moment."""
        ...


class RetentionWork(ConversationsWork, Protocol):
    """What the end of a conversation's time touches."""

    workspaces: Workspaces
