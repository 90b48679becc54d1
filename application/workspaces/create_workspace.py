import secrets
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.members import MembersWork
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceView
from domain.access import Caller, Permission
from domain.ids import UserId
from domain.workspaces import Handle, HandleTaken, Workspace, WorkspaceCreated, check_number

_COUNTED = 9


@dataclass(frozen=True, slots=True)
class CreateWorkspace:
    """Makes a workspace that can be shared."""

    begin: Begin[MembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, name: str, handle: str | None = None) -> WorkspaceView:
        """The workspace, which its maker owns; without a handle it gets a free one that is like its name.

        Raises:
            NotFound, Forbidden: the caller is no user, or may not.
            Invalid: the name or the handle cannot be taken. HandleTaken: another workspace has it.
            TooManyWorkspaces: the user has as many as anybody may.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        if handle is not None:
            return await self._add(caller, user_id, name, Handle(handle))
        like, number = Handle.from_email(name), 1
        while True:
            try:
                return await self._add(caller, user_id, name, like.numbered(number) if number > 1 else like)
            except HandleTaken:  # a name that many have is not counted through
                number = number + 1 if number < _COUNTED else _COUNTED + secrets.randbelow(10**9)

    async def _add(self, caller: Caller, user_id: UserId, name: str, handle: Handle) -> WorkspaceView:
        workspace = Workspace.shared(name, handle, self.clock.now())
        async with self.begin() as work:
            check_number(await work.members.of_user(user_id))
            created = WorkspaceCreated(
                workspace_id=workspace.id, actor=caller.actor, at=workspace.created_at, handle=str(handle)
            )
            await work.workspaces.add(workspace, user_id, because=created)
            return await work.commit(WorkspaceView.of(workspace))
