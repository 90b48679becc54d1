from dataclasses import dataclass

from application.conversations.conversation_frames import FOR_VISITORS, ConversationFrames, Frames
from domain.access import Caller
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True)
class FollowConversation:
    """Shows a visitor the replies as they are made, and what people say."""

    frames: ConversationFrames

    async def __call__(
        self, caller: Caller, conversation_id: ConversationId, last_id: str | None, *, follow: bool
    ) -> Frames | None:
        """What `ConversationFrames` promises.

        Raises:
            NotFound: it is not the caller's conversation.
        """
        caller.must_visit(conversation_id)
        return await self.frames(conversation_id, last_id, FOR_VISITORS, follow=follow)
