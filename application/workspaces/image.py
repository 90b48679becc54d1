"""The picture of a workspace."""

from dataclasses import dataclass
from datetime import datetime

from application.blobs.write_picture import WritePicture
from application.ports.clock import Clock
from application.ports.members import MembersWork
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceView
from domain.access import Caller, Permission
from domain.blobs import Quota
from domain.ids import WorkspaceId
from domain.pictures import Picture
from domain.versions import check_version
from domain.workspaces import Workspace, WorkspaceEdited


@dataclass(frozen=True, slots=True)
class PutImage:
    """Gives a workspace a picture; the one it had is gone."""

    begin: Begin[MembersWork]
    write_picture: WritePicture
    quota: Quota
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, data: bytes, expected: int | None = None
    ) -> WorkspaceView:
        """The workspace as it is now.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            Invalid, QuotaExceeded, Unavailable: as of `WritePicture`. EditConflict: it was changed meanwhile.
        """
        caller.must(Permission.WORKSPACE_WRITE, workspace_id)
        blob = await self.write_picture(workspace_id, data)
        now = self.clock.now()
        async with self.begin() as work:
            workspace = await work.workspaces.get(workspace_id)
            check_version(workspace.version, expected)
            shown = await _show(work, caller, workspace, Picture.of(blob), now)
            await work.blobs.add(blob, self.quota)
            return await work.commit(WorkspaceView.of(shown))


@dataclass(frozen=True, slots=True)
class RemoveImage:
    """Takes a workspace's picture away."""

    begin: Begin[MembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, expected: int | None = None) -> None:
        """Nothing, also when it had none.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            EditConflict: it was changed meanwhile.
        """
        caller.must(Permission.WORKSPACE_WRITE, workspace_id)
        async with self.begin() as work:
            workspace = await work.workspaces.get(workspace_id)
            check_version(workspace.version, expected)
            if workspace.image is not None:
                await _show(work, caller, workspace, None, self.clock.now())
            await work.commit(None)


async def _show(
    work: MembersWork, caller: Caller, workspace: Workspace, picture: Picture | None, at: datetime
) -> Workspace:
    because = WorkspaceEdited(workspace_id=workspace.id, actor=caller.actor, at=at, fields=("image",))
    if workspace.image is not None:
        await work.blobs.remove(workspace.image.blob_id)
    return await work.workspaces.save(workspace.showing(picture, at), because=because)
