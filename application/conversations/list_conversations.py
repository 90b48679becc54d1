from dataclasses import dataclass, replace

from application.ports.conversation_lists import ConversationFilters, ConversationLists, ConversationPage
from domain.access import Caller, Permission
from domain.conversations import tag_of
from domain.ids import WorkspaceId


@dataclass(frozen=True, slots=True)
class ListConversations:
    """Shows a workspace's conversations."""

    lists: ConversationLists

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, filters: ConversationFilters, cursor: str | None, limit: int
    ) -> ConversationPage:
        """A page of those that meet the filters, the newest activity first, and the counts of all.

        Raises:
            NotFound: there is no such workspace for the caller. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.CONVERSATION_READ, workspace_id)
        wanted = filters if filters.tag is None else replace(filters, tag=tag_of(filters.tag))
        return await self.lists.page(workspace_id, wanted, cursor, limit)
