from dataclasses import dataclass
from datetime import datetime

from application.conversations.post_message import PostedMessage
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView
from application.ports.unit_of_work import Begin
from application.webhooks.send_out import send_out
from domain.access import Caller, Permission
from domain.conversations import Message, MessagePosted
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True)
class PostAsMember:
    """Says something to the visitor in a member's name; whoever answers goes on as they did, the assistant too."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, conversation_id: ConversationId, content: str) -> PostedMessage:
        """The message, which no run answers.

        Raises:
            NotFound, Forbidden: the caller may not. Invalid: the content cannot be taken.
            ConversationClosed: it is to be opened again first.
        """
        async with self.begin() as work:
            conversation = await work.conversations.lock(conversation_id)
            caller.must(Permission.CONVERSATION_WRITE, conversation.workspace_id)
            now = self.clock.now()  # not before it is locked, so that times follow positions
            said, message = conversation.said_by_member(content, caller.actor, now)
            await work.messages.add(message, because=_posted(message, conversation.unanswered_since))
            await work.conversations.save(said)
            await send_out(work, said, message, now)
            return await work.commit(PostedMessage(message=MessageView.of(message), run=None))


def _posted(message: Message, unanswered_since: datetime | None) -> MessagePosted:
    waited = (message.created_at - unanswered_since).total_seconds() if unanswered_since else None
    return MessagePosted(
        workspace_id=message.workspace_id,
        actor=message.author,
        at=message.created_at,
        conversation_id=message.conversation_id,
        message_id=message.id,
        role=message.role,
        response_seconds=waited,
    )
