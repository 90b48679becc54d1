from dataclasses import dataclass

from application.conversations.stop_run import stop_run
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, ConversationViews
from application.ports.run_log import RunLog
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.conversations import ConversationErased
from domain.ids import ConversationId, RunId


@dataclass(frozen=True, slots=True)
class EraseConversation:
    """Erases a conversation with all that was said in it and all that is known of its visitor."""

    begin: Begin[ConversationsWork]
    views: ConversationViews
    log: RunLog
    clock: Clock

    async def __call__(self, caller: Caller, conversation_id: ConversationId) -> None:
        """Nothing; it is gone, and activity keeps only that it was.

        Raises:
            NotFound: it is not the caller's conversation.
        """
        caller.must_visit(conversation_id)
        now = self.clock.now()
        shown = await self._runs(conversation_id)
        async with self.begin() as work:
            conversation = await work.conversations.lock(conversation_id)
            active = await work.runs.active(conversation_id)
            for run in active:
                await stop_run(work, run, by=caller.actor, at=now)
            because = ConversationErased(
                workspace_id=conversation.workspace_id, actor=caller.actor, at=now, conversation_id=conversation_id
            )
            await work.conversations.erase(await work.conversations.lock(conversation_id), because=because)
            await work.commit(None)
        await self.log.drop([*shown, *(run.id for run in active if run.id not in shown)])

    async def _runs(self, conversation_id: ConversationId) -> list[RunId]:
        found: list[RunId] = []
        number = 1
        while runs := await self.views.runs_from(conversation_id, number):
            found += [run.id for run in runs]
            number = runs[-1].number + 1
        return found
