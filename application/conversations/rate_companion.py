from dataclasses import dataclass

from application.conversations.rate_message import RateMessageCommand, rate
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, MessageView
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class RateCompanion:
    """Keeps a user's feedback on a reply of their companion; a later one replaces it."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, command: RateMessageCommand) -> MessageView:
        """The message with the feedback in its metadata.

        Raises:
            NotFound: it is not a reply of the caller's companion; what visitors are told is for them to rate.
            Forbidden: the caller may not. Invalid: the note is too long.
        """
        async with self.begin() as work:
            conversation = await work.conversations.lock(command.conversation_id)
            conversation.place.must_admit(caller, Permission.CONVERSATION_WRITE)
            if conversation.user_id is None:
                raise NotFound
            rated = await rate(work, conversation, command, by=caller.actor, at=self.clock.now())
            return await work.commit(rated)
