from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.actors import Actor
from domain.conversations import Conversation, FeedbackValue, MessageRated
from domain.ids import ConversationId, MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class RateMessageCommand:
    """What a visitor, or a companion's user, thinks of a reply."""

    conversation_id: ConversationId
    message_id: MessageId
    value: FeedbackValue
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RateMessage:
    """Keeps a visitor's feedback on a reply; a later one replaces it."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, command: RateMessageCommand) -> MessageView:
        """The message with the feedback in its metadata.

        Raises:
            NotFound: it is not a reply in the caller's conversation. Invalid: the note is too long.
        """
        caller.must_visit(command.conversation_id)
        now = self.clock.now()
        async with self.begin() as work:
            conversation = await work.conversations.lock(command.conversation_id)
            return await work.commit(await rate(work, conversation, command, by=caller.actor, at=now))


async def rate(
    work: ConversationsWork, conversation: Conversation, command: RateMessageCommand, *, by: Actor, at: datetime
) -> MessageView:
    """The message of the locked conversation with the feedback in its metadata.

    Raises:
        NotFound: there is no such reply. Invalid: the note is too long.
    """
    message = await work.messages.get(conversation.id, command.message_id)
    rated = message.rated(command.value, command.note, at)
    because = MessageRated(
        workspace_id=message.workspace_id,
        actor=by,
        at=at,
        told_to=conversation.user_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
        value=command.value,
    )
    await work.messages.save(rated, because=because)
    return MessageView.of(rated)
