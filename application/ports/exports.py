from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from application.ports.conversations import MessageView
from domain.conversations import Conversation, Exchange
from domain.ids import ConversationId, MessageId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportHead:
    """The conversation, and what its reader must know of the workspace.

    Attributes:
        business_name: what visitors see as the workspace's name.
        timezone: the workspace's, an IANA name.
    """

    conversation: Conversation
    business_name: str
    timezone: str


class ConversationExports(Protocol):
    """Whole conversations, in pieces."""

    async def head(self, conversation_id: ConversationId) -> ExportHead | None:
        """What comes before all that was said, or None when there is no such conversation."""
        ...

    async def exchanges(self, conversation_id: ConversationId, first: int, last: int) -> Sequence[Exchange]:
        """The turns with numbers from `first` to `last`, both included, in order."""
        ...


class MessageExports(Protocol):
    """All that a user said, and what their companion said to them, in pieces."""

    async def written_by(self, user_id: UserId, after: MessageId | None, limit: int) -> Sequence[MessageView]:
        """Up to `limit` messages that the user or their companion wrote, in the order of their ids, behind `after`.

        They are of all workspaces.
        """
        ...
