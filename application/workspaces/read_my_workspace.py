from dataclasses import dataclass

from application.ports.workspaces import WorkspaceView
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.access import Caller
from domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class ReadMyWorkspace:
    """Shows a user their personal workspace, which is made when it is missing."""

    open_personal_workspace: OpenPersonalWorkspace

    async def __call__(self, caller: Caller) -> WorkspaceView:
        """The workspace.

        Raises:
            NotFound: the caller is no user.
            Forbidden: they call with a key that does not open their account.
        """
        caller.must_themselves(Permission.ACCOUNT_READ)
        return await self.open_personal_workspace(caller)
