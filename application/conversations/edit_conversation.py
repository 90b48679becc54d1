from dataclasses import dataclass

from application.conversations.shown import shown
from application.ports.clock import Clock
from application.ports.conversation_lists import ConversationView
from application.ports.conversations import ConversationsWork
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.conversations import Conversation, ConversationChanges, ConversationEdited
from domain.ids import ConversationId
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class EditConversation:
    """Closes a conversation, opens it again, or changes its tags."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(
        self,
        caller: Caller,
        conversation_id: ConversationId,
        changes: ConversationChanges,
        expected: int | None = None,
    ) -> ConversationView:
        """The conversation as it is now; one in which nothing changes keeps its version.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            Invalid: a field cannot be taken.
        """
        async with self.begin() as work:
            conversation = await work.conversations.lock(conversation_id)
            conversation.place.must_admit(caller, Permission.CONVERSATION_WRITE)
            check_version(conversation.version, expected)
            edited = conversation.edited(changes, self.clock.now())
            if edited != conversation:
                because = _edit(conversation, edited, caller, changes)
                edited = await work.conversations.save(edited, because=because)
            return await work.commit(await shown(work, edited))


def _edit(
    before: Conversation, edited: Conversation, caller: Caller, changes: ConversationChanges
) -> ConversationEdited:
    changed = (name for name in changes if getattr(before, name) != getattr(edited, name))
    return ConversationEdited(
        workspace_id=edited.workspace_id,
        actor=caller.actor,
        at=edited.updated_at,
        told_to=edited.user_id,
        conversation_id=edited.id,
        fields=tuple(sorted(changed)),
        status=edited.status,
    )
