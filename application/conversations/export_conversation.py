from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.ports.conversation_lists import ConversationLists, ConversationView
from application.ports.exports import ConversationExports, ExportHead
from domain.access import Caller, Permission
from domain.conversations import Exchange
from domain.errors import NotFound
from domain.ids import ConversationId

_PIECE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationExport:
    """A conversation as it was at one moment: what was said later is not in it.

    Attributes:
        head: what the text of an export begins with. view: the same as members see it.
        at: that moment.
    """

    head: ExportHead
    view: ConversationView
    at: datetime
    exports: ConversationExports

    async def exchanges(self) -> AsyncGenerator[Exchange, None]:
        """All turns in order, read piece by piece; anew each time.

        Raises:
            NotFound: the conversation was erased meanwhile.
        """
        conversation = self.head.conversation
        for first in range(1, conversation.turns + 1, _PIECE):
            last = min(first + _PIECE - 1, conversation.turns)
            found = await self.exports.exchanges(conversation.id, first, last)
            if not found:
                raise NotFound
            for exchange in found:
                yield exchange


@dataclass(frozen=True, slots=True)
class ExportConversation:
    """Gives a member all of a conversation to keep."""

    exports: ConversationExports
    lists: ConversationLists
    clock: Clock

    async def __call__(self, caller: Caller, conversation_id: ConversationId) -> ConversationExport:
        """The conversation, to be read while it is sent.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        head = await self.exports.head(conversation_id)
        view = await self.lists.conversation(conversation_id)
        if head is None or view is None:
            raise NotFound
        head.conversation.place.must_admit(caller, Permission.CONVERSATION_READ)
        return ConversationExport(head=head, view=view, at=self.clock.now(), exports=self.exports)
