from dataclasses import dataclass

from application.ports.conversation_lists import ConversationLists, ConversationView
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True)
class ReadConversation:
    """Shows a member a conversation."""

    lists: ConversationLists

    async def __call__(self, caller: Caller, conversation_id: ConversationId) -> ConversationView:
        """The conversation.

        Raises:
            NotFound: there is none that the caller may see.
        """
        view = await self.lists.conversation(conversation_id)
        if view is None:
            raise NotFound
        view.place.must_admit(caller, Permission.CONVERSATION_READ)
        return view
