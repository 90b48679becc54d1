from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from application.ports.invites import InviteView
from application.ports.members import JoinedWorkspaceView
from application.workspaces.accept_invite import AcceptInvite, Invitation, LookAtInvite
from application.workspaces.invites import InviteMember, ListInvites, ResendInvite, RevokeInvite
from domain.access import Caller, Permission, Role
from domain.ids import InviteId, WorkspaceId
from domain.pages import Page
from entrypoints.http.changes import Body
from entrypoints.http.edge.opts import ANONYMOUS, NOT_IDEMPOTENT, PUBLIC_WRITE
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit


class InviteBody(Body, frozen=True):
    """Who is invited, and as what."""

    email: str
    role: Role


class InviteTokenBody(Body, frozen=True):
    """What stands behind `#token=` in the link that was mailed."""

    token: str


@get("/workspaces/{workspace_id:uuid}/invites", opt={"permission": Permission.MEMBER_READ})
async def get_invites(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_invites: NamedDependency[ListInvites],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[InviteView]:
    """Who is invited and has not answered, newest first; `email` is null unless you manage members."""
    return await list_invites(caller, WorkspaceId(workspace_id), cursor, limit)


@post("/workspaces/{workspace_id:uuid}/invites", opt={"permission": Permission.MEMBER_WRITE})
async def post_invite(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[InviteBody],
    invite_member: NamedDependency[InviteMember],
) -> InviteView:
    """Invite somebody by mail, for 7 days; the link is in the mail alone, and works for whoever has that address."""
    return await invite_member(caller, WorkspaceId(workspace_id), data.email, data.role)


@delete("/invites/{invite_id:uuid}", opt={"permission": Permission.MEMBER_WRITE})
async def delete_invite(
    caller: NamedDependency[Caller], invite_id: FromPath[UUID], revoke_invite: NamedDependency[RevokeInvite]
) -> None:
    """Take an invite back; 410 `invite_expired` when it was accepted or revoked."""
    await revoke_invite(caller, InviteId(invite_id))


@post("/invites/{invite_id:uuid}/resend", status_code=200, opt={"permission": Permission.MEMBER_WRITE})
async def post_invite_resend(
    caller: NamedDependency[Caller], invite_id: FromPath[UUID], resend_invite: NamedDependency[ResendInvite]
) -> InviteView:
    """Mail an invite again with a new link, at most once a minute; the one before opens nothing any more."""
    return await resend_invite(caller, InviteId(invite_id))


@post("/invites/accept", status_code=200, opt={"permission": Permission.ACCOUNT_WRITE})
async def post_invite_accept(
    caller: NamedDependency[Caller],
    data: JSONBody[InviteTokenBody],
    accept_invite: NamedDependency[AcceptInvite],
) -> JoinedWorkspaceView:
    """Join the workspace; 403 `other_email` when the invite was sent to somebody else, 410 when it is over."""
    return await accept_invite(caller, data.token)


@post(
    "/invites/look",
    status_code=200,
    opt={"permission": "anyone", ANONYMOUS: True, PUBLIC_WRITE: True, NOT_IDEMPOTENT: True},
)
async def post_invite_look(
    data: JSONBody[InviteTokenBody], look_at_invite: NamedDependency[LookAtInvite]
) -> Invitation:
    """What an invite is to, for whoever has its link."""
    return await look_at_invite(data.token)


ROUTES = (
    get_invites,
    post_invite,
    delete_invite,
    post_invite_resend,
    post_invite_accept,
    post_invite_look,
)
