from dataclasses import dataclass
from typing import ClassVar

from domain.activity import Event
from domain.actors import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceEvent(Event):
    """Something happened to the workspace itself."""

    @property
    def subject(self) -> Subject:
        return Subject("workspace", self.workspace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceCreated(WorkspaceEvent):
    """A workspace began."""

    type: ClassVar[str] = "workspace.created"
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceEdited(WorkspaceEvent):
    """Some of its fields, named here, changed."""

    type: ClassVar[str] = "workspace.edited"
    fields: tuple[str, ...]
