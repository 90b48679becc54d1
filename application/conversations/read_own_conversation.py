from dataclasses import dataclass
from datetime import datetime
from typing import Self

from application.ports.conversation_lists import ConversationLists, ConversationView
from domain.access import Caller
from domain.conversations import Conversation, ConversationStatus, HandledBy
from domain.errors import NotFound
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnConversation:
    """A conversation as its visitor sees it; `waiting` is for a person of the business."""

    id: ConversationId
    status: ConversationStatus
    handled_by: HandledBy
    waiting: bool
    created_at: datetime

    @classmethod
    def of(cls, conversation: Conversation | ConversationView) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=conversation.id,
            status=conversation.status,
            handled_by=conversation.handled_by,
            waiting=conversation.waiting_since is not None,
            created_at=conversation.created_at,
        )


@dataclass(frozen=True, slots=True)
class ReadOwnConversation:
    """Shows a visitor how their conversation stands."""

    lists: ConversationLists

    async def __call__(self, caller: Caller, conversation_id: ConversationId) -> OwnConversation:
        """The conversation.

        Raises:
            NotFound: it is not the caller's.
        """
        caller.must_visit(conversation_id)
        view = await self.lists.conversation(conversation_id)
        if view is None:
            raise NotFound
        return OwnConversation.of(view)
