from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.conversations import FeedbackValue, MessageRated
from domain.ids import ConversationId, MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class RateMessageCommand:
    """What a visitor thinks of a reply."""

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
            await work.conversations.lock(command.conversation_id)
            message = await work.messages.get(command.conversation_id, command.message_id)
            rated = message.rated(command.value, command.note, now)
            because = MessageRated(
                workspace_id=message.workspace_id,
                actor=caller.actor,
                at=now,
                conversation_id=message.conversation_id,
                message_id=message.id,
                value=command.value,
            )
            await work.messages.save(rated, because=because)
            return await work.commit(MessageView.of(rated))
