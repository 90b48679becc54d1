"""Who is invited to a workspace, and what its owners and admins do about it."""

from dataclasses import dataclass, replace

from application.mail.send_mail import SendMail
from application.ports.clock import Clock
from application.ports.invites import InviteView, InviteViews
from application.ports.members import MembersWork
from application.ports.secret_box import SecretBox
from application.ports.unit_of_work import Begin
from application.workspaces.invite_limit import InviteLimit
from application.workspaces.members import lock_team, must_manage
from domain.access import Caller, Permission, Role
from domain.errors import Fault, Invalid
from domain.ids import InviteId, UserId, WorkspaceId
from domain.jobs import Job
from domain.mail import Invite as InviteLetter
from domain.mail import Mailbox, NoMailbox
from domain.pages import Page
from domain.workspaces import (
    AlreadyMember,
    Invite,
    InviteCreated,
    InviteResent,
    InviteRevoked,
    InviteToken,
    make_room,
)


@dataclass(frozen=True, slots=True)
class ListInvites:
    """Shows who is invited to a workspace."""

    views: InviteViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, cursor: str | None, limit: int
    ) -> Page[InviteView]:
        """The invites that are neither accepted nor revoked, newest first; e-mails are for those who manage members.

        Raises:
            NotFound, Forbidden: the caller may not. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.MEMBER_READ, workspace_id)
        page = await self.views.pending(workspace_id, cursor, limit)
        if Permission.MEMBER_WRITE in caller.grants[workspace_id].permissions:
            return page
        return replace(page, items=[replace(invite, email=None) for invite in page.items])


@dataclass(frozen=True, slots=True)
class InviteMember:
    """Invites somebody to a workspace; the link goes to their address and nowhere else."""

    begin: Begin[MembersWork]
    secret_box: SecretBox
    limit: InviteLimit
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, email: str, role: Role) -> InviteView:
        """The invite.

        Raises:
            NotFound, Forbidden: the caller may not; only owners invite owners. Invalid: that is no address.
            AlreadyMember: whoever has it belongs to the workspace.
            AlreadyInvited, TooManyInvites: as `make_room` says. Limited: they have invited too many.
        """
        must_manage(caller, workspace_id, role)
        email, by, now = _address(email), UserId(caller.actor.id), self.clock.now()
        await self.limit.admit(caller.actor)
        async with self.begin() as work:
            team = await lock_team(work, workspace_id)
            team.must_give(role, by)
            user = await work.users.by_email(email)
            if user is not None and user.id in team.members:
                raise AlreadyMember
            for expired in make_room(await work.invites.pending(workspace_id), email, now):
                await work.invites.save(expired, because=InviteRevoked.of(expired, by=caller.actor, at=now))
            invite, token = Invite.new(workspace_id, email, role, by, now)
            await work.invites.add(invite, because=InviteCreated.of(invite, by=caller.actor, at=now))
            await send_invite(work, invite, token, caller.actor.name, self.secret_box)
            return await work.commit(InviteView.of(invite))


@dataclass(frozen=True, slots=True)
class ResendInvite:
    """Mails an invite again, also when its time is over; only the newest link counts."""

    begin: Begin[MembersWork]
    secret_box: SecretBox
    limit: InviteLimit
    clock: Clock

    async def __call__(self, caller: Caller, invite_id: InviteId) -> InviteView:
        """The invite as it is now.

        Raises:
            NotFound, Forbidden: the caller may not. InviteExpired, ResentTooSoon: as `Invite.resent` says.
            Limited: they have invited too many.
        """
        now = self.clock.now()
        await self.limit.admit(caller.actor)
        async with self.begin() as work:
            invite = await _lock(work, caller, invite_id)
            invite, token = invite.resent(now)
            await work.invites.save(invite, because=InviteResent.of(invite, by=caller.actor, at=now))
            await send_invite(work, invite, token, caller.actor.name, self.secret_box)
            return await work.commit(InviteView.of(invite))


@dataclass(frozen=True, slots=True)
class RevokeInvite:
    """Takes an invite back."""

    begin: Begin[MembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, invite_id: InviteId) -> None:
        """Nothing; its link opens nothing any more.

        Raises:
            NotFound, Forbidden: the caller may not. InviteExpired: it was accepted or revoked before.
        """
        now = self.clock.now()
        async with self.begin() as work:
            revoked = (await _lock(work, caller, invite_id)).revoked(now)
            await work.invites.save(revoked, because=InviteRevoked.of(revoked, by=caller.actor, at=now))
            await work.commit(None)


async def send_invite(work: MembersWork, invite: Invite, token: InviteToken, inviter: str, box: SecretBox) -> None:
    """Has the link with `token` mailed once the unit has committed."""
    workspace = await work.workspaces.get(invite.workspace_id)
    letter = InviteLetter(
        inviter=inviter or "A member",
        workspace=workspace.name,
        role=invite.role,
        token=token.reveal(),
        expires_at=invite.expires_at,
    )
    mail = SendMail.of(letter, invite.sent_at, box, to=invite.email, workspace_id=invite.workspace_id)
    await work.jobs.add(Job.of(mail, invite.sent_at))


async def _lock(work: MembersWork, caller: Caller, invite_id: InviteId) -> Invite:
    found = await work.invites.get(invite_id)
    must_manage(caller, found.workspace_id, found.role)
    team = await lock_team(work, found.workspace_id)
    team.must_give(found.role, UserId(caller.actor.id))
    return await work.invites.lock(invite_id)


def _address(email: str) -> str:
    try:
        return Mailbox(email.strip()).address.lower()
    except NoMailbox:
        raise Invalid(Fault("/email", "bad_email", "This is no e-mail address.")) from None
