from collections.abc import Collection

from application.knowledge.indexing import Content, index
from application.ports.workspaces import WorkspacesWork
from domain.actors import Actor
from domain.knowledge import Document, Source, Standing
from domain.workspaces import Workspace, WorkspaceEdited


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
        await _know(work, saved)
    return saved


async def _know(work: WorkspacesWork, workspace: Workspace) -> None:
    content, at = Content(workspace.knowledge_base, workspace.language), workspace.updated_at
    document = Document.knowledge_base(workspace.id, content.text, content.language, at) if content.text else None
    await work.documents.keep_knowledge_base(workspace.id, document)
    await index(work, workspace.id, Source.knowledge_base(workspace.id), content, Standing(at=at), at)
