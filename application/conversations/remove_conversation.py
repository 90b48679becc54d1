from dataclasses import dataclass

from application.conversations.erase import erase
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.run_log import RunLog
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.ids import ConversationId
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class RemoveConversation:
    """Erases a conversation with all that was said in it and all that is known of its visitor, as a member wishes."""

    begin: Begin[ConversationsWork]
    log: RunLog
    clock: Clock

    async def __call__(self, caller: Caller, conversation_id: ConversationId, expected: int | None = None) -> None:
        """Nothing; it is gone, and activity keeps only that it was.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
        """
        async with self.begin() as work:
            conversation = await work.conversations.lock(conversation_id)
            conversation.place.must_admit(caller, Permission.CONVERSATION_WRITE)
            check_version(conversation.version, expected)
            run_ids = await erase(work, conversation_id, by=caller.actor, at=self.clock.now())
            await work.commit(None)
        await self.log.drop(run_ids)
