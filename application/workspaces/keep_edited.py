from collections.abc import Collection

from application.knowledge.indexing import Content, index
from application.knowledge.restem import Restem
from application.ports.workspaces import WorkspacesWork
from domain.actors import Actor
from domain.jobs import Job
from domain.knowledge import Document, Source, Standing
from domain.workspaces import Workspace, WorkspaceEdited


async def keep_edited(
    work: WorkspacesWork, before: Workspace, edited: Workspace, fields: Collection[str], *, by: Actor
) -> Workspace:
    """Saves a workspace of which `fields` were edited; its knowledge base can be found by the same commit.

    All else that it knows is found by the words of another language once a job has been there.

    Returns:
        What is stored now.

    Raises:
        HandleTaken, EditConflict: it cannot be saved.
    """
    saved = await work.workspaces.save(edited, because=WorkspaceEdited.of(before, edited, fields, by=by))
    if {"knowledge_base", "language"} & set(fields):
        await _know(work, saved)
    if saved.language != before.language:
        await work.jobs.add(Job.of(Restem(workspace_id=saved.id, language=saved.language), saved.updated_at))
    return saved


async def _know(work: WorkspacesWork, workspace: Workspace) -> None:
    content, at = Content(workspace.knowledge_base, workspace.language), workspace.updated_at
    document = Document.knowledge_base(workspace.id, content.text, content.language, at) if content.text else None
    await work.documents.keep_knowledge_base(workspace.id, document)
    await index(work, workspace.id, Source.knowledge_base(workspace.id), content, Standing(at=at), at)
