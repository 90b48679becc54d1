from dataclasses import dataclass

from application.ports.workspaces import PublicWorkspaceView, WorkspaceViews
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class ReadPublicWorkspace:
    """Shows an active workspace to anyone."""

    views: WorkspaceViews

    async def __call__(self, handle: str) -> PublicWorkspaceView:
        """What visitors see.

        Raises:
            NotFound: no active workspace has this handle.
        """
        view = await self.views.public(handle)
        if view is None:
            raise NotFound("No active workspace has this handle.")
        return view
