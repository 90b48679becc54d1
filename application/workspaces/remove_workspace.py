from collections.abc import Sequence
from datetime import datetime

from application.ports.members import MembersWork
from domain.actors import Actor
from domain.jobs import Job, cancel_event
from domain.workspaces import Membership, Workspace, WorkspaceDeleted


async def remove_workspace(
    work: MembersWork,
    workspace: Workspace,
    members: Sequence[Membership],
    jobs: Sequence[Job],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """The workspace is gone with all that is in it; its unended `jobs`, which are locked, are cancelled.

    What its `members` follow of it ends.

    Raises:
        EditConflict: it is in use just now.
    """
    for job in jobs:
        asked = job.asked_to_cancel(at)
        await work.jobs.save(asked, because=cancel_event(asked, workspace.id, by=by, at=at))
    await work.blobs.remove_all(workspace.id)
    deleted = WorkspaceDeleted(
        workspace_id=workspace.id,
        actor=by,
        at=at,
        handle=str(workspace.handle),
        members=tuple(member.user_id for member in members),
    )
    await work.workspaces.remove(workspace, because=deleted)
