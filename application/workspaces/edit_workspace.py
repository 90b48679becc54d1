from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.language_model import LanguageModels
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspacesWork, WorkspaceView
from application.workspaces.keep_edited import keep_edited
from domain.access import Caller, Permission
from domain.errors import Fault, Invalid
from domain.ids import WorkspaceId
from domain.versions import check_version
from domain.workspaces import WorkspaceChanges


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
            saved = await keep_edited(work, workspace, edited, changes.keys(), by=caller.actor)
            return await work.commit(WorkspaceView.of(saved))

    def _check_model(self, name: str | None) -> None:
        if name is not None and name not in self.models.names:
            known = ", ".join(f"'{known}'" for known in self.models.names)
            raise Invalid(Fault("/assistant/model", "unknown_model", f"The configured models are: {known}; or null."))
