from dataclasses import dataclass

from application.ports.conversations import ConversationViews, MessageView
from domain.access import Caller
from domain.ids import ConversationId
from domain.pages import Page


@dataclass(frozen=True, slots=True)
class ListMessages:
    """Shows a visitor their conversation."""

    views: ConversationViews

    async def __call__(
        self, caller: Caller, conversation_id: ConversationId, since: str | None, limit: int
    ) -> Page[MessageView]:
        """A page of messages, oldest first, from the beginning or after `since` (a cursor or a message id).

        Raises:
            NotFound: it is not the caller's conversation. InvalidCursor: `since` is neither.
        """
        caller.must_visit(conversation_id)
        return await self.views.messages(conversation_id, since, limit)
