from dataclasses import dataclass

from application.conversations.admission import must_in
from application.ports.conversations import ConversationViews, RunView
from application.ports.runs import RunViews
from domain.access import Caller, Permission
from domain.ids import ConversationId
from domain.pages import Page


@dataclass(frozen=True, slots=True)
class ListRuns:
    """Shows a member how the replies of a conversation were made."""

    views: ConversationViews
    runs: RunViews

    async def __call__(
        self, caller: Caller, conversation_id: ConversationId, cursor: str | None, limit: int
    ) -> Page[RunView]:
        """A page of runs, that of the newest turn first.

        Raises:
            NotFound, Forbidden: the caller may not.
            InvalidCursor: the cursor is none that this list gave.
        """
        await must_in(self.views, caller, Permission.CONVERSATION_READ, conversation_id)
        return await self.runs.runs(conversation_id, cursor, limit)
