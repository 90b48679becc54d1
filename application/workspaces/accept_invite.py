from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.members import JoinedWorkspaceView
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission, Role
from domain.errors import Forbidden, NotFound
from domain.identity import User
from domain.workspaces import (
    AlreadyMember,
    Invite,
    InviteAccepted,
    InviteExpired,
    InviteToken,
    MemberJoined,
    Membership,
)


async def join(work: IdentityWork, user: User, token: InviteToken, at: datetime) -> Membership:
    """The membership of a user who brings the token of an invite that was sent to their verified e-mail.

    Locks the workspace, and then the invite.

    Raises:
        InviteExpired: the token opens nothing (any more). OtherEmail: the invite was sent to another address.
        AlreadyMember: they belong to the workspace. Forbidden: the workspace is suspended.
    """
    try:
        found = await work.invites.get(token.id)
        team = await work.members.lock(found.workspace_id)
        invite = await work.invites.lock(token.id)
    except NotFound:
        raise InviteExpired from None
    invite.must_open(token, at)
    accepted = invite.accepted(user.email, at)
    if any(member.user_id == user.id for member in team):
        raise AlreadyMember
    if (await work.workspaces.get(invite.workspace_id)).suspended_at is not None:
        raise Forbidden("This workspace is suspended: nobody can join it. Ask who runs this instance.")
    await work.invites.save(accepted, because=InviteAccepted.of(accepted, by=user.actor, at=at))
    member = Membership(workspace_id=invite.workspace_id, user_id=user.id, role=invite.role, joined_at=at)
    because = MemberJoined(
        workspace_id=invite.workspace_id,
        actor=user.actor,
        at=at,
        user_id=user.id,
        role=invite.role,
        invite_id=invite.id,
    )
    await work.members.add(member, because=because)
    return member


@dataclass(frozen=True, slots=True)
class AcceptInvite:
    """Has a user join the workspace they are invited to."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, token: str) -> JoinedWorkspaceView:
        """The workspace, to which the caller belongs now.

        Raises:
            NotFound, Forbidden: the caller is no user, or calls with a key that is not for their account.
            InviteExpired, OtherEmail, AlreadyMember, Forbidden: as `join` says.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        parsed, now = InviteToken.parse(token), self.clock.now()
        async with self.begin() as work:
            member = await join(work, await work.users.get(user_id), parsed, now)
            workspace = await work.workspaces.get(member.workspace_id)
            return await work.commit(JoinedWorkspaceView.of(workspace, member))


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invite as whoever it was sent to sees it; `registered` says whether a user has this address."""

    workspace_name: str
    email: str
    role: Role
    expires_at: datetime
    registered: bool


@dataclass(frozen=True, slots=True)
class LookAtInvite:
    """Shows an invite to whoever has its link, and so reads the mail of that address."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, token: str) -> Invitation:
        """The invite.

        Raises:
            InviteExpired: the token opens nothing (any more).
        """
        parsed, now = InviteToken.parse(token), self.clock.now()
        async with self.begin() as work:
            invite = await self._invite(work, parsed)
            invite.must_open(parsed, now)
            email = invite.email or ""
            workspace, user = await work.workspaces.get(invite.workspace_id), await work.users.by_email(email)
            return Invitation(
                workspace_name=workspace.name,
                email=email,
                role=invite.role,
                expires_at=invite.expires_at,
                registered=user is not None,
            )

    async def _invite(self, work: IdentityWork, token: InviteToken) -> Invite:
        try:
            return await work.invites.get(token.id)
        except NotFound:
            raise InviteExpired from None
