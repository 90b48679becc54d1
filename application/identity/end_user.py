from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.blobs.collect_blobs import CollectBlobs
from application.identity.home import home_of
from application.ports.former_members import FormerMembersWork
from application.workspaces.members import part
from application.workspaces.remove_workspace import remove_workspace
from domain.actors import Actor
from domain.identity import User, UserDeleted
from domain.ids import UserId
from domain.jobs import Job
from domain.workspaces import (
    InviteRevoked,
    LastOwner,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
    Membership,
    Workspace,
)
from domain.workspaces.succession import heir_of


async def end_user(work: FormerMembersWork, user: User, *, by: Actor, at: datetime) -> User:
    """The user, of whom nothing is left but what they did, which stands under `FORMER_MEMBER`.

    What they remember goes for good, in all workspaces. Their personal workspace goes, and those that nobody else
    belongs to. Where they are the last owner of others, they have to hand over first; when `by` is not themselves they
    cannot be asked, and the most trusted member, of these the one there longest, becomes the owner. Invites they have
    sent stay valid.

    Raises:
        LastOwner: they have to hand over first, what is named. EditConflict: something of it is in use just now.
    """
    themselves = by.id == user.id
    home = await home_of(work, user.id)
    await work.former_members.forget(user.id)
    places = [await _place(work, own) for own in sorted(await work.members.of_user(user.id), key=_by_workspace)]
    if themselves:
        _check_handed_over(places, user.id)
    for place in places:
        await _go(work, place, user.id, by=by, at=at)
    # Not before: whoever adds a memory for them holds their membership, which by now has waited for it.
    await work.memories.forget(user.id)
    await _forget_sign_in(work, user, by=by, at=at)
    await work.jobs.add(Job.of(CollectBlobs(), at))
    deleted = UserDeleted(workspace_id=home, actor=by, at=at, user_id=user.id)
    return await work.users.save(user.deleted(at), because=deleted)


@dataclass(frozen=True, slots=True)
class _Place:
    """A workspace that the user belongs to, with all who do."""

    workspace: Workspace
    own: Membership
    members: Sequence[Membership]

    @property
    def doomed(self) -> bool:
        return self.workspace.owner_id == self.own.user_id or len(self.members) == 1


def _by_workspace(membership: Membership) -> int:
    return membership.workspace_id.int


async def _place(work: FormerMembersWork, own: Membership) -> _Place:
    members = await work.members.lock(own.workspace_id)
    return _Place(await work.workspaces.get(own.workspace_id), own, members)


def _check_handed_over(places: Sequence[_Place], user_id: UserId) -> None:
    left = [place for place in places if not place.doomed and heir_of(place.members, user_id)]
    if left:
        names = ", ".join(sorted(f"'{place.workspace.handle}'" for place in left))
        raise LastOwner(f"You are the last owner of {names}. Hand over or delete what others belong to first.")


async def _go(work: FormerMembersWork, place: _Place, user_id: UserId, *, by: Actor, at: datetime) -> None:
    if place.doomed:
        await work.documents.lock_all(place.workspace.id)
        jobs = await work.jobs.unended(place.workspace.id)
        await remove_workspace(work, place.workspace, place.members, jobs, by=by, at=at)
        return
    heir = heir_of(place.members, user_id)
    if heir is not None:
        await _promote(work, place, heir, by=by, at=at)
    gone = MemberLeft if by.id == user_id else MemberRemoved
    await part(work, place.own, gone.of(place.own, by=by, at=at), at)


async def _promote(work: FormerMembersWork, place: _Place, heir: Membership, *, by: Actor, at: datetime) -> None:
    before = next(member.role for member in place.members if member.user_id == heir.user_id)
    because = MemberRoleChanged(
        workspace_id=heir.workspace_id, actor=by, at=at, user_id=heir.user_id, before=before, after=heir.role
    )
    await work.members.save(heir, because=because)


async def _forget_sign_in(work: FormerMembersWork, user: User, *, by: Actor, at: datetime) -> None:
    """Links keep what issuers call the user, so that what an issuer told before makes nobody of them again."""
    await work.logins.remove(user.id)
    for link in await work.identities.of_user(user.id):
        await work.identities.lock(link.issuer, link.subject)
        await work.identities.put(replace(link, user_id=None, told_at=max(at, link.told_at or at)))
    if user.email is None:
        return
    await work.one_time_tokens.remove_all(user.email)
    for invite in await work.invites.pending_for(user.email):
        locked = await work.invites.lock(invite.id)
        if locked.pending:
            await work.invites.save(locked.revoked(at), because=InviteRevoked.of(locked, by=by, at=at))
