from dataclasses import dataclass, replace

from application.conversations.stop_run import stop_run
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, RunView
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.errors import NotFound
from domain.ids import ConversationId, RunId


@dataclass(frozen=True, slots=True)
class CancelRun:
    """Stops a reply that is being made or waits; one that has ended stays as it is."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, conversation_id: ConversationId, run_id: RunId) -> RunView:
        """The run as it is now, its usage left out; a running one ends within moments, which its stream tells.

        Raises:
            NotFound: it is not a run of the caller's conversation.
        """
        caller.must_visit(conversation_id)
        async with self.begin() as work:
            await work.conversations.lock(conversation_id)
            run = await work.runs.get(run_id)
            if run.conversation_id != conversation_id:
                raise NotFound
            if not run.ended:
                run = await stop_run(work, run, by=caller.actor, at=self.clock.now())
            # What replies cost is no business of visitors.
            return await work.commit(replace(RunView.of(run), usage=None))
