import asyncio
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.language_model import LanguageModels
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspacesWork, WorkspaceView
from domain.access import Caller, Permission
from domain.errors import Fault, Invalid
from domain.ids import WorkspaceId
from domain.knowledge import passages_of
from domain.versions import check_version
from domain.workspaces import KNOWLEDGE_BASE, Workspace, WorkspaceChanges, WorkspaceEdited


@dataclass(frozen=True, slots=True)
class EditWorkspace:
    """Changes some fields of a workspace; its knowledge base can be found by the commit that changes it."""

    begin: Begin[WorkspacesWork]
    models: LanguageModels
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, changes: WorkspaceChanges, expected: int | None = None
    ) -> WorkspaceView:
        """The workspace as it is now.

        Raises:
            NotFound, Forbidden: the caller may not.
            Stale: it is not the version expected.
            Invalid, HandleTaken, EditConflict: the changes cannot be made.
        """
        caller.must(Permission.WORKSPACE_WRITE, workspace_id)
        async with self.begin() as work:
            workspace = await work.workspaces.get(workspace_id)
            check_version(workspace.version, expected)
            if not changes:
                return await work.commit(WorkspaceView.of(workspace))
            edited = workspace.edited(changes, self.clock.now())
            if "model" in changes.get("assistant", {}):
                self._check_model(edited.assistant.model)
            saved = await work.workspaces.save(edited, because=_edit(edited, caller, changes))
            if {"knowledge_base", "language"} & changes.keys():
                await self._index(work, saved)
            return await work.commit(WorkspaceView.of(saved))

    def _check_model(self, name: str | None) -> None:
        if name is not None and name not in self.models.names:
            known = ", ".join(f"'{known}'" for known in self.models.names)
            raise Invalid(Fault("/assistant/model", "unknown_model", f"The configured models are: {known}; or null."))

    async def _index(self, work: WorkspacesWork, workspace: Workspace) -> None:
        passages = await asyncio.to_thread(
            passages_of, workspace.id, KNOWLEDGE_BASE, workspace.knowledge_base, self.clock.now()
        )
        await work.passages.replace(workspace.id, KNOWLEDGE_BASE, passages, workspace.language)


def _edit(workspace: Workspace, caller: Caller, changes: WorkspaceChanges) -> WorkspaceEdited:
    return WorkspaceEdited(
        workspace_id=workspace.id, actor=caller.actor, at=workspace.updated_at, fields=tuple(sorted(changes))
    )
