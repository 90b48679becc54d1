from dataclasses import dataclass

from application.conversations.lock_run import lock_run
from application.conversations.stop_run import stop_run
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork, RunView
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.ids import RunId


@dataclass(frozen=True, slots=True)
class CancelRunAsMember:
    """Stops a reply that is being made or waits; one that has ended stays as it is."""

    begin: Begin[ConversationsWork]
    clock: Clock

    async def __call__(self, caller: Caller, run_id: RunId) -> RunView:
        """The run as it is now; a running one ends within moments, which its stream tells.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        async with self.begin() as work:
            _, run = await lock_run(work, caller, run_id)
            if not run.ended:
                run = await stop_run(work, run, by=caller.actor, at=self.clock.now())
            return await work.commit(RunView.of(run))
