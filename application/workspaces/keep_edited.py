import asyncio
from collections.abc import Collection

from application.ports.workspaces import WorkspacesWork
from domain.actors import Actor
from domain.knowledge import passages_of
from domain.workspaces import KNOWLEDGE_BASE, Workspace, WorkspaceEdited


async def keep_edited(
    work: WorkspacesWork, before: Workspace, edited: Workspace, fields: Collection[str], *, by: Actor
) -> Workspace:
    """Saves a workspace of which `fields` were edited; its knowledge base can be found by the same commit.

    Returns:
        What is stored now.

    Raises:
        HandleTaken, EditConflict: it cannot be saved.
    """
    saved = await work.workspaces.save(edited, because=WorkspaceEdited.of(before, edited, fields, by=by))
    if {"knowledge_base", "language"} & set(fields):
        await _index(work, saved)
    return saved


async def _index(work: WorkspacesWork, workspace: Workspace) -> None:
    passages = await asyncio.to_thread(
        passages_of, workspace.id, KNOWLEDGE_BASE, workspace.knowledge_base, workspace.updated_at
    )
    await work.passages.replace(workspace.id, KNOWLEDGE_BASE, passages, workspace.language)
