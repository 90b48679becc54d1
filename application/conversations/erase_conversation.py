from dataclasses import dataclass

from application.conversations.erase import erase
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.run_log import RunLog
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.ids import ConversationId


@dataclass(frozen=True, slots=True)
class EraseConversation:
    """Erases a conversation with all that was said in it and all that is known of its visitor, as they wish."""

    begin: Begin[ConversationsWork]
    log: RunLog
    clock: Clock

    async def __call__(self, caller: Caller, conversation_id: ConversationId) -> None:
        """Nothing; it is gone, and activity keeps only that it was.

        Raises:
            NotFound: it is not the caller's conversation.
        """
        caller.must_visit(conversation_id)
        async with self.begin() as work:
            run_ids = await erase(work, conversation_id, by=caller.actor, at=self.clock.now())
            await work.commit(None)
        await self.log.drop(run_ids)
