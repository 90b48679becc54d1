from dataclasses import dataclass
from datetime import datetime

from application.conversations.shown import shown
from application.conversations.stop_run import stop_run
from application.ports.clock import Clock
from application.ports.conversation_lists import ConversationView
from application.ports.conversations import ConversationsWork
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.actors import Actor
from domain.conversations import Conversation, ConversationTakenOver
from domain.ids import ConversationId
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Puts a conversation in the hands of the member who asks; the assistant stops in mid-sentence, and is silent."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, conversation_id: ConversationId, expected: int | None = None
    ) -> ConversationView:
        """The conversation as it is now; one that was theirs already stays as it is.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            TakenOver: it is in another's hands, whom the sentence names. ConversationClosed: it is to be opened first.
            NotToBeTakenOver: it is with their companion.
        """
        async with self.begin() as work:
            conversation = await work.conversations.lock(conversation_id)
            conversation.place.must_admit(caller, Permission.CONVERSATION_WRITE)
            check_version(conversation.version, expected)
            now = self.clock.now()
            if conversation.taken_over(caller.actor, now) != conversation:
                conversation = await _taken_over(work, conversation_id, caller.actor, now)
            return await work.commit(await shown(work, conversation))


async def _taken_over(
    work: ConversationsWork, conversation_id: ConversationId, by: Actor, at: datetime
) -> Conversation:
    for run in await work.runs.active(conversation_id):
        await stop_run(work, run, by=by, at=at)
    conversation = await work.conversations.lock(conversation_id)  # what was said so far has been saved with it
    because = ConversationTakenOver(
        workspace_id=conversation.workspace_id, actor=by, at=at, conversation_id=conversation_id
    )
    return await work.conversations.save(conversation.taken_over(by, at), because=because)
