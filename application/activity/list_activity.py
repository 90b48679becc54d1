from dataclasses import dataclass, replace

from application.ports.activity import ActivityFilter, ActivityView, ActivityViews
from domain.access import Caller, Permission
from domain.ids import WorkspaceId
from domain.pages import Page


@dataclass(frozen=True, slots=True)
class ListActivity:
    """Shows what happened in a workspace."""

    views: ActivityViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, only: ActivityFilter, cursor: str | None, limit: int
    ) -> Page[ActivityView]:
        """A page of the events that the caller is shown, newest first.

        Raises:
            NotFound: there is no such workspace for the caller. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.ACTIVITY_READ, workspace_id)
        shown = replace(only, reader_id=caller.actor.id)
        return await self.views.newest(workspace_id, shown, cursor, limit)
