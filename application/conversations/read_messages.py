from dataclasses import dataclass

from application.conversations.admission import must_in
from application.ports.conversations import ConversationViews, MessageView
from domain.access import Caller, Permission
from domain.ids import ConversationId
from domain.pages import Page


@dataclass(frozen=True, slots=True)
class ReadMessages:
    """Shows a member what was said in a conversation."""

    views: ConversationViews

    async def __call__(
        self, caller: Caller, conversation_id: ConversationId, since: str | None, limit: int
    ) -> Page[MessageView]:
        """A page of messages, oldest first, from the beginning or after `since` (a cursor or a message id).

        Raises:
            NotFound, Forbidden: the caller may not. InvalidCursor: `since` is neither.
        """
        await must_in(self.views, caller, Permission.CONVERSATION_READ, conversation_id)
        return await self.views.messages(conversation_id, since, limit)
