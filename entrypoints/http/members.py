from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from application.ports.members import MemberView
from application.workspaces.members import ChangeRole, LeaveWorkspace, ListMembers, RemoveMember, TransferWorkspace
from domain.access import Caller, Permission, Role
from domain.ids import UserId, WorkspaceId
from domain.pages import Page
from entrypoints.http.changes import Body
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit


class MemberPatch(Body, frozen=True):
    """What the member is to be."""

    role: Role


class TransferBody(Body, frozen=True):
    """The member who is to own the workspace."""

    user_id: UUID


@get("/workspaces/{workspace_id:uuid}/members", opt={"permission": Permission.MEMBER_READ})
async def get_members(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_members: NamedDependency[ListMembers],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[MemberView]:
    """Who belongs to the workspace, who joined last first; `email` is null unless you manage members."""
    return await list_members(caller, WorkspaceId(workspace_id), cursor, limit)


@patch("/workspaces/{workspace_id:uuid}/members/{user_id:uuid}", opt={"permission": Permission.MEMBER_WRITE})
async def patch_member(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    user_id: FromPath[UUID],
    data: JSONBody[MemberPatch],
    change_role: NamedDependency[ChangeRole],
) -> MemberView:
    """Give a member another role; 409 `last_owner` when nobody would own the workspace."""
    return await change_role(caller, WorkspaceId(workspace_id), UserId(user_id), data.role)


@delete("/workspaces/{workspace_id:uuid}/members/{user_id:uuid}", opt={"permission": Permission.MEMBER_WRITE})
async def delete_member(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    user_id: FromPath[UUID],
    remove_member: NamedDependency[RemoveMember],
) -> None:
    """Remove a member, at once; their keys of the workspace are revoked, and the invites they have sent."""
    await remove_member(caller, WorkspaceId(workspace_id), UserId(user_id))


@post("/workspaces/{workspace_id:uuid}/leave", status_code=204, opt={"permission": Permission.MEMBER_READ})
async def post_workspace_leave(
    caller: NamedDependency[Caller], workspace_id: FromPath[UUID], leave_workspace: NamedDependency[LeaveWorkspace]
) -> None:
    """Leave the workspace; 409 `last_owner` when nobody else owns it."""
    await leave_workspace(caller, WorkspaceId(workspace_id))


@post("/workspaces/{workspace_id:uuid}/transfer", status_code=200, opt={"permission": Permission.OWNERSHIP_WRITE})
async def post_workspace_transfer(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[TransferBody],
    transfer_workspace: NamedDependency[TransferWorkspace],
) -> MemberView:
    """Make another member the owner in your place; you stay as an admin."""
    return await transfer_workspace(caller, WorkspaceId(workspace_id), UserId(data.user_id))


ROUTES = (get_members, patch_member, delete_member, post_workspace_leave, post_workspace_transfer)
