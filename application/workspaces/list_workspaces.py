from dataclasses import dataclass

from application.ports.members import JoinedWorkspaceView, MemberViews
from domain.access import Caller, Permission
from domain.pages import Page


@dataclass(frozen=True, slots=True)
class ListWorkspaces:
    """Shows the workspaces a user belongs to."""

    views: MemberViews

    async def __call__(self, caller: Caller, cursor: str | None, limit: int) -> Page[JoinedWorkspaceView]:
        """Those the caller's token opens, who they joined last first.

        Raises:
            NotFound, Forbidden: the caller is no user, or may not.
            InvalidCursor: the cursor is no cursor of the list.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_READ)
        open_ = [at for at, grant in caller.grants.items() if Permission.WORKSPACE_READ in grant.permissions]
        return await self.views.workspaces(user_id, open_, cursor, limit)
