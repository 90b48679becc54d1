"""Who belongs to a workspace, and what its owners and admins do with them."""

from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.clock import Clock
from application.ports.members import MembersWork, MemberView, MemberViews
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission, Role
from domain.actors import Actor
from domain.identity import CredentialKind
from domain.ids import UserId, WorkspaceId
from domain.pages import Page
from domain.workspaces import (
    InviteRevoked,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
    Membership,
    Team,
    WorkspaceTransferred,
)


async def lock_team(work: MembersWork, workspace_id: WorkspaceId) -> Team:
    """The workspace's team, which nobody else changes until the unit ends.

    Raises:
        NotFound: there is no such workspace.
    """
    members = await work.members.lock(workspace_id)
    return Team.of(await work.workspaces.get(workspace_id), members)


def must_manage(caller: Caller, workspace_id: WorkspaceId, *roles: Role) -> None:
    """Nothing, when the caller may make somebody one of `roles`, or manage one who is, as far as their credential goes.

    What they are themselves is asked of the `Team`: a key of an owner is not one of its own.

    Raises:
        NotFound, Forbidden: they may not; owners take `ownership:write` besides.
    """
    caller.must(Permission.MEMBER_WRITE, workspace_id)
    if Role.OWNER in roles and caller.grants[workspace_id].by_key:
        caller.must(Permission.OWNERSHIP_WRITE, workspace_id)


async def part(work: MembersWork, ended: Membership, because: MemberRemoved | MemberLeft, at: datetime) -> None:
    """The membership is over, and the user's keys of the workspace open nothing, also should they come back.

    What they remember there stays theirs, and is found by nobody else any more.
    """
    await work.members.remove(ended, because=because)
    await work.memories.unshare(ended.workspace_id, ended.user_id)
    await work.credentials.revoke_all(ended.user_id, {CredentialKind.KEY}, at, workspace_id=ended.workspace_id)


async def _take_back(work: MembersWork, ended: Membership, now: Team, *, by: Actor, at: datetime) -> None:
    """Revokes the invites of whom the membership was that they could not send as the team is now.

    Otherwise somebody who is shown the door could have left another one open.
    """
    for sent in await work.invites.pending(ended.workspace_id):
        if sent.invited_by == ended.user_id and not now.may_give(sent.role, ended.user_id):
            invite = await work.invites.lock(sent.id)
            await work.invites.save(invite.revoked(at), because=InviteRevoked.of(invite, by=by, at=at))


async def _keep_role(work: MembersWork, team: Team, changed: Membership, *, by: Actor, at: datetime) -> None:
    before = team.member(changed.user_id).role
    if changed.role is not before:
        because = MemberRoleChanged(
            workspace_id=changed.workspace_id,
            actor=by,
            at=at,
            user_id=changed.user_id,
            before=before,
            after=changed.role,
        )
        await work.members.save(changed, because=because)


@dataclass(frozen=True, slots=True)
class ListMembers:
    """Shows who belongs to a workspace."""

    views: MemberViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, cursor: str | None, limit: int
    ) -> Page[MemberView]:
        """A page of the members, who joined last first; e-mails are shown to those who manage members.

        Raises:
            NotFound, Forbidden: the caller may not. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.MEMBER_READ, workspace_id)
        page = await self.views.members(workspace_id, cursor, limit)
        if Permission.MEMBER_WRITE in caller.grants[workspace_id].permissions:
            return page
        return replace(page, items=[replace(member, email=None) for member in page.items])


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """Gives a member another role; invites of theirs that they could not send any more are revoked."""

    begin: Begin[MembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, user_id: UserId, role: Role) -> MemberView:
        """The member as they are now.

        Raises:
            NotFound, Forbidden, LastOwner, PersonalWorkspace: as `must_manage` and `Team.with_role` say.
        """
        must_manage(caller, workspace_id, role)
        async with self.begin() as work:
            team = await lock_team(work, workspace_id)
            must_manage(caller, workspace_id, team.member(user_id).role)
            changed = team.with_role(user_id, role, UserId(caller.actor.id))
            now = self.clock.now()
            await _keep_role(work, team, changed, by=caller.actor, at=now)
            await _take_back(work, changed, team.having(changed), by=caller.actor, at=now)
            return await work.commit(MemberView.of(changed, await work.users.get(user_id)))


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """Ends a membership; invites that the user has sent are revoked."""

    begin: Begin[MembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, user_id: UserId) -> None:
        """Nothing; the user does not belong to it any more, and what they follow of it ends.

        Raises:
            NotFound, Forbidden, LastOwner, PersonalWorkspace: as `must_manage` and `Team.removed` say.
        """
        must_manage(caller, workspace_id)
        now = self.clock.now()
        async with self.begin() as work:
            team = await lock_team(work, workspace_id)
            must_manage(caller, workspace_id, team.member(user_id).role)
            ended = team.removed(user_id, UserId(caller.actor.id))
            await part(work, ended, MemberRemoved.of(ended, by=caller.actor, at=now), now)
            await _take_back(work, ended, team.lacking(ended), by=caller.actor, at=now)
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class LeaveWorkspace:
    """Ends one's own membership."""

    begin: Begin[MembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId) -> None:
        """Nothing; the caller does not belong to it any more.

        Raises:
            NotFound, Forbidden: the caller may not, as with a key of a workspace, which is not for their account.
            LastOwner, PersonalWorkspace: as `Team.left` says.
        """
        caller.must(Permission.MEMBER_READ, workspace_id)
        user_id, now = caller.must_themselves(Permission.ACCOUNT_WRITE), self.clock.now()
        async with self.begin() as work:
            ended = (await lock_team(work, workspace_id)).left(user_id)
            await part(work, ended, MemberLeft.of(ended, by=caller.actor, at=now), now)
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class TransferWorkspace:
    """Gives a workspace into another member's hands."""

    begin: Begin[MembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, user_id: UserId) -> MemberView:
        """The member, who is an owner now; the caller is an admin.

        Raises:
            NotFound, Forbidden, Conflict, PersonalWorkspace: as `Team.transferred` says.
        """
        caller.must(Permission.OWNERSHIP_WRITE, workspace_id)
        by, now = UserId(caller.actor.id), self.clock.now()
        async with self.begin() as work:
            team = await lock_team(work, workspace_id)
            heir, former = team.transferred(user_id, by)
            work.record(
                WorkspaceTransferred(workspace_id=workspace_id, actor=caller.actor, at=now, before=by, after=user_id)
            )
            for changed in (heir, former):
                await _keep_role(work, team, changed, by=caller.actor, at=now)
            return await work.commit(MemberView.of(heir, await work.users.get(user_id)))
