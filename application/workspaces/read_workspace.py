from dataclasses import dataclass

from application.ports.workspaces import WorkspaceView, WorkspaceViews
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import WorkspaceId


@dataclass(frozen=True, slots=True)
class ReadWorkspace:
    """Shows a workspace to its members."""

    views: WorkspaceViews

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId) -> WorkspaceView:
        """The workspace.

        Raises:
            NotFound: there is none that the caller may see.
        """
        caller.must(Permission.WORKSPACE_READ, workspace_id)
        view = await self.views.workspace(workspace_id)
        if view is None:
            raise NotFound
        return view
