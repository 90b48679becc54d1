from dataclasses import dataclass

from application.conversations.admission import must_in
from application.ports.conversations import ConversationViews, RunView
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import RunId


@dataclass(frozen=True, slots=True)
class ReadRun:
    """Shows a member how a reply was made."""

    views: ConversationViews

    async def __call__(self, caller: Caller, run_id: RunId) -> RunView:
        """The run.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        run = await self.views.run(run_id)
        if run is None:
            raise NotFound
        await must_in(self.views, caller, Permission.CONVERSATION_READ, run.conversation_id)
        return RunView.of(run)
