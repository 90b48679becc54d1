from dataclasses import dataclass

from application.conversations.read_own_conversation import OwnConversation
from application.conversations.request_person import request_person
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True)
class AskAPerson:
    """Has a visitor's conversation wait for a person of the business, as the visitor wishes."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, conversation_id: ConversationId) -> OwnConversation:
        """The conversation as it is now; one that waits already, or that a person handles, stays as it is.

        Raises:
            NotFound: it is not the caller's. ConversationClosed: it takes no messages.
        """
        caller.must_speak_in(conversation_id)
        async with self.begin() as work:
            conversation = await work.conversations.lock(conversation_id)
            waiting = await request_person(work, conversation, by=caller.actor, at=self.clock.now())
            return await work.commit(OwnConversation.of(waiting))
