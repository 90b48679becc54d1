from dataclasses import dataclass, replace

from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.actors import SYSTEM
from domain.errors import NotFound
from domain.identity import (
    AdministrationGranted,
    AdministrationRevoked,
    CredentialKind,
    User,
    UserActivated,
    UserDeactivated,
    activated,
    deactivated,
    demoted,
)
from domain.ids import INSTANCE, UserId, WorkspaceId
from domain.permissions import Permission
from domain.workspaces import Workspace, WorkspaceRestored, WorkspaceSuspended


@dataclass(frozen=True, slots=True)
class SetUserActive:
    """Keeps a user out, whatever they sign in with, or lets them in again.

    Their sessions end, so that none of somebody else's comes back with them; their keys are theirs to revoke.
    """

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, user_id: UserId, *, active: bool) -> User:
        """The user as they are now; nothing changes when they are so already.

        Raises:
            NotFound, Forbidden: the caller may not, or there is no such user.
            LastAdministrator: nobody could look after the instance any more.
        """
        caller.must_themselves(Permission.INSTANCE_WRITE)
        now = self.clock.now()
        async with self.begin() as work:
            others = await work.users.lock_administrators() - {user_id}
            user = await work.users.get(user_id)
            changed = activated(user, now) if active else deactivated(user, len(others), now)
            if changed.deactivated_at == user.deactivated_at:
                return await work.commit(user)
            event = UserActivated if active else UserDeactivated
            because = event(workspace_id=INSTANCE, actor=caller.actor, at=now, user_id=user_id)
            saved = await work.users.save(changed, because=because)
            if not active:  # after it is saved: whoever signs in at the same time is seen, or sees it
                await work.credentials.revoke_all(user_id, {CredentialKind.SESSION}, now)
            return await work.commit(saved)


@dataclass(frozen=True, slots=True)
class SetWorkspaceSuspended:
    """Stops a workspace, which can then only be read and talks to nobody, or lets it go on."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, *, suspended: bool) -> Workspace:
        """The workspace as it is now; nothing changes when it is so already.

        Raises:
            NotFound, Forbidden: the caller may not, or there is no such workspace.
            EditConflict: it was edited at the same time.
        """
        caller.must_themselves(Permission.INSTANCE_WRITE)
        now = self.clock.now()
        async with self.begin() as work:
            workspace = await work.workspaces.get(workspace_id)
            if suspended == (workspace.suspended_at is not None):
                return await work.commit(workspace)
            event = WorkspaceSuspended if suspended else WorkspaceRestored
            told = event(workspace_id=workspace_id, actor=caller.actor, at=now, suspended_id=workspace_id)
            work.record(replace(told, workspace_id=INSTANCE))
            changed = replace(workspace, suspended_at=now if suspended else None, updated_at=now)
            return await work.commit(await work.workspaces.save(changed, because=told))


@dataclass(frozen=True, slots=True)
class GrantAdministration:
    """Has a user look after the instance, or not any more; for whoever sits at its console."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, email: str, *, granted: bool) -> User:
        """The user as they are now; nothing changes when they are so already.

        Raises:
            NotFound: nobody has this e-mail.
            LastAdministrator: nobody else would look after the instance.
        """
        now = self.clock.now()
        async with self.begin() as work:
            administrators = await work.users.lock_administrators()
            user = await work.users.by_email(email)
            if user is None:
                raise NotFound("Nobody has this e-mail.")
            if user.administrator == granted:
                return await work.commit(user)
            others = administrators - {user.id}
            changed = replace(user, administrator=True, updated_at=now) if granted else demoted(user, len(others), now)
            event = AdministrationGranted if granted else AdministrationRevoked
            because = event(workspace_id=INSTANCE, actor=SYSTEM, at=now, user_id=user.id)
            return await work.commit(await work.users.save(changed, because=because))
