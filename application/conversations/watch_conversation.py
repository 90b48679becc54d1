from dataclasses import dataclass

from application.conversations.admission import must_in
from application.conversations.conversation_frames import FOR_MEMBERS, ConversationFrames, Frames
from application.ports.conversations import ConversationViews
from domain.access import Caller, Permission
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True)
class WatchConversation:
    """Shows a member both sides of a conversation as it goes on."""

    frames: ConversationFrames
    views: ConversationViews

    async def __call__(
        self, caller: Caller, conversation_id: ConversationId, last_id: str | None, *, follow: bool
    ) -> Frames | None:
        """What `ConversationFrames` promises.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        await must_in(self.views, caller, Permission.CONVERSATION_READ, conversation_id)
        return await self.frames(conversation_id, last_id, FOR_MEMBERS, follow=follow)
