from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.conversation_lists import ConversationView
from application.ports.conversations import ConversationsWork
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.actors import ActorType
from domain.conversations import Conversation, ConversationStarted
from domain.errors import NotFound
from domain.ids import UserId, WorkspaceId
from domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class StartCompanion:
    """Lets a user talk with their companion, who knows what they remember in the workspace."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId) -> ConversationView:
        """The new conversation, of which nobody else knows.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.MEMORY_WRITE, workspace_id)
        if caller.actor.type is not ActorType.USER:
            raise NotFound
        conversation = Conversation.with_companion(workspace_id, UserId(caller.actor.id), self.clock.now())
        async with self.begin() as work:
            await work.conversations.add(conversation, because=_started(conversation, caller))
            return await work.commit(ConversationView.of(conversation, None))


def _started(conversation: Conversation, caller: Caller) -> ConversationStarted:
    return ConversationStarted(
        workspace_id=conversation.workspace_id,
        actor=caller.actor,
        at=conversation.created_at,
        told_to=conversation.user_id,
        conversation_id=conversation.id,
        channel=conversation.channel,
    )
