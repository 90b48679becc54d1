from dataclasses import dataclass, replace

from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceView
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.access import Caller, Grant, Role
from domain.identity import EmailTaken, User


@dataclass(frozen=True, slots=True)
class EnsureOwner:
    """Makes the instance's first user, who looks after it, with a personal workspace; run again, it finds them."""

    begin: Begin[IdentityWork]
    open_personal_workspace: OpenPersonalWorkspace
    clock: Clock

    async def __call__(self, email: str, name: str) -> tuple[Caller, WorkspaceView]:
        """The owner as a caller, and their workspace."""
        try:
            user = await self._user(email.lower(), name)
        except EmailTaken:  # at the same time, by another process that starts
            user = await self._user(email.lower(), name)
        workspace = await self.open_personal_workspace(Caller(actor=user.actor))
        return Caller(actor=user.actor, grants={workspace.id: Grant.of(Role.OWNER)}), workspace

    async def _user(self, email: str, name: str) -> User:
        async with self.begin() as work:
            user = await work.users.by_email(email)
            if user is not None:
                return user
            user = replace(User.new(email, name, self.clock.now()), administrator=True)
            await work.users.add(user)
            return await work.commit(user)
