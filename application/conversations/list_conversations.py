from dataclasses import dataclass, replace

from application.ports.conversation_lists import ConversationFilters, ConversationLists, ConversationPage
from domain.access import Caller, Permission
from domain.conversations import Place, tag_of
from domain.ids import WorkspaceId


@dataclass(frozen=True, slots=True)
class ListConversations:
    """Shows a workspace's conversations with visitors, or the caller's own with their companion."""

    lists: ConversationLists

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, filters: ConversationFilters, cursor: str | None, limit: int
    ) -> ConversationPage:
        """A page of those that meet the filters, the newest activity first, and the counts of all of that kind.

        Raises:
            NotFound: there is no such workspace for the caller, or they are no user and want their companion's.
            Forbidden: as `Place.must_admit` says. InvalidCursor: the cursor is no cursor of the list.
        """
        Place(workspace_id, filters.user_id).must_admit(caller, Permission.CONVERSATION_READ)
        wanted = filters if filters.tag is None else replace(filters, tag=tag_of(filters.tag))
        return await self.lists.page(workspace_id, wanted, cursor, limit)
