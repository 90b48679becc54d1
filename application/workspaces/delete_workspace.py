from dataclasses import dataclass

from application.persistently import persistently
from application.ports.clock import Clock
from application.ports.members import MembersWork
from application.ports.unit_of_work import Begin
from application.workspaces.remove_workspace import remove_workspace
from domain.access import Caller, Permission
from domain.ids import UserId, WorkspaceId
from domain.workspaces import Team


@dataclass(frozen=True, slots=True)
class DeleteWorkspace:
    """Removes a shared workspace with all that is in it; what happened there, and its jobs, stay."""

    begin: Begin[MembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, confirm: str) -> None:
        """Nothing; it is gone, its unended jobs are cancelled, and what its members follow of it ends.

        Raises:
            NotFound, Forbidden: the caller may not. PersonalWorkspace: it is one.
            Invalid: `confirm` is not its handle. EditConflict: it is in use just now.
        """
        caller.must(Permission.OWNERSHIP_WRITE, workspace_id)
        await persistently(lambda: self._delete(caller, workspace_id, confirm))

    async def _delete(self, caller: Caller, workspace_id: WorkspaceId, confirm: str) -> None:
        now = self.clock.now()
        async with self.begin() as work:
            await work.conversations.lock_all(workspace_id)
            await work.documents.lock_all(workspace_id)
            jobs = await work.jobs.unended(workspace_id)
            members = await work.members.lock(workspace_id)
            workspace = await work.workspaces.get(workspace_id)
            Team.of(workspace, members).must_own(UserId(caller.actor.id))
            workspace.must_be_confirmed(confirm)
            await remove_workspace(work, workspace, members, jobs, by=caller.actor, at=now)
            await work.commit(None)
