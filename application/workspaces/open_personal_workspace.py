import secrets
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceView, WorkspaceViews
from domain.access import Caller
from domain.actors import ActorType
from domain.errors import NotFound
from domain.ids import UserId
from domain.workspaces import Handle, HandleTaken, PersonalWorkspaceExists, Workspace, WorkspaceCreated

COUNTED = 9


@dataclass(frozen=True, slots=True)
class OpenPersonalWorkspace:
    """Gives a user's personal workspace, and makes it when it is missing; of many at once one makes it."""

    begin: Begin[IdentityWork]
    views: WorkspaceViews
    clock: Clock

    async def __call__(self, caller: Caller) -> WorkspaceView:
        """The caller's workspace.

        Raises:
            NotFound: the caller is no user.
        """
        if caller.actor.type is not ActorType.USER:
            raise NotFound
        user_id = UserId(caller.actor.id)
        return await self.views.personal_of(user_id) or await self._make(user_id)

    async def _make(self, user_id: UserId) -> WorkspaceView:
        number = 1
        while True:
            try:
                return await self._add(user_id, number)
            except HandleTaken:  # a name that many have is not counted through
                number = number + 1 if number < COUNTED else COUNTED + secrets.randbelow(10**9)
            except PersonalWorkspaceExists:
                break
        made = await self.views.personal_of(user_id)
        if made is None:
            raise NotFound
        return made

    async def _add(self, user_id: UserId, number: int) -> WorkspaceView:
        now = self.clock.now()
        async with self.begin() as work:
            user = await work.users.get(user_id)
            handle = Handle.from_email(user.email or user.name)
            workspace = Workspace.personal_of(
                user_id, user.name, handle.numbered(number) if number > 1 else handle, now
            )
            created = WorkspaceCreated(
                workspace_id=workspace.id, actor=user.actor, at=now, handle=str(workspace.handle)
            )
            await work.workspaces.add(workspace, user_id, because=created)
            return await work.commit(WorkspaceView.of(workspace))
