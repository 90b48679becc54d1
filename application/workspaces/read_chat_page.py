from dataclasses import dataclass

from application.ports.workspaces import ChatPageView, WorkspaceViews
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class ReadChatPage:
    """Tells what the chat page of an active workspace is made from."""

    views: WorkspaceViews

    async def __call__(self, handle: str) -> ChatPageView:
        """The page.

        Raises:
            NotFound: no active workspace has this handle.
        """
        view = await self.views.chat_page(handle)
        if view is None:
            raise NotFound("No active workspace has this handle.")
        return view
