from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.activity import ActivityView
from domain.audit import Entry, Seal
from domain.ids import WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedWorkspace:
    """A workspace that something happened in; its handle is None once it was deleted, and for `INSTANCE`."""

    id: WorkspaceId
    handle: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What to show of the activity; None shows all.

    Attributes:
        type: an event type, such as `key.issued`, or its noun alone, such as `key`.
        since: events from this moment on. until: events before this moment.
    """

    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedEvent:
    """An event, and the number of the seal over it, None as long as there is none."""

    event: ActivityView
    seal: int | None


class AuditLog(Protocol):
    """The activity as it is stored, with the seals over it."""

    async def unsealed(self, after: WorkspaceId | None, limit: int) -> Sequence[WorkspaceId]:
        """Workspaces with events that no seal is over, in the order of their ids, behind `after`."""
        ...

    async def newest_seal(self, workspace_id: WorkspaceId) -> Seal | None:
        """The workspace's seal with the greatest number."""
        ...

    async def seals(self, workspace_id: WorkspaceId, after: int | None, limit: int) -> Sequence[Seal]:
        """The workspace's seals with numbers above `after`, or all, in order."""
        ...

    async def head(self, workspace_id: WorkspaceId) -> int:
        """What the workspace's events are counted up to; 0 when it has none."""
        ...

    async def entries(self, workspace_id: WorkspaceId, first: int, last: int) -> Sequence[Entry]:
        """The rows with these numbers, both included, in order."""
        ...

    async def strays(self, workspace_id: WorkspaceId, sealed: int, limit: int) -> Sequence[int]:
        """The numbers of rows below 1, or above both `sealed` and what they are counted up to; in order."""
        ...

    async def add(self, seal: Seal) -> bool:
        """Stores the seal; False, and nothing stored, when the workspace has one with its number or its last row."""
        ...

    async def next_workspace(self, after: WorkspaceId | None) -> AuditedWorkspace | None:
        """The workspace with the next id behind `after` that has events, a count of them, or seals, deleted or not."""
        ...

    async def workspace_of(self, handle: str) -> AuditedWorkspace | None:
        """The workspace with this handle, if there is one."""
        ...


class AuditViews(Protocol):
    """The activity for those who keep it elsewhere."""

    async def events(
        self, workspace_id: WorkspaceId, only: AuditFilter, after: int, limit: int
    ) -> Sequence[AuditedEvent]:
        """The workspace's events with numbers above `after`, in order."""
        ...
