from typing import Protocol

from application.ports.conversations import RunView
from domain.ids import ConversationId
from domain.pages import Page


class RunViews(Protocol):
    """Runs, to look at."""

    async def runs(self, conversation_id: ConversationId, cursor: str | None, limit: int) -> Page[RunView]:
        """The runs of the conversation, that of the newest turn first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...
