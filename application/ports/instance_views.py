from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.ids import JobId, UserId, WorkspaceId
from domain.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceUserView:
    """A user as an administrator sees them: that they are there, and nothing they say or do."""

    id: UserId
    email: str | None
    name: str
    administrator: bool
    workspaces: int
    created_at: datetime
    deactivated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceWorkspaceView:
    """A workspace as an administrator sees it: that it is there, and nothing in it."""

    id: WorkspaceId
    handle: str
    name: str
    personal: bool
    members: int
    created_at: datetime
    suspended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadJobView:
    """A job that died, as an administrator sees it: what kind of work, whose, and why; not what it was about."""

    id: JobId
    type: str
    workspace_id: UUID | None
    attempts: int
    error: str | None
    created_at: datetime
    ended_at: datetime


class InstanceViews(Protocol):
    """All tenants, to look at from outside; each list newest first.

    Every method raises InvalidCursor for a cursor that its list never gave.
    """

    async def users(self, cursor: str | None, limit: int) -> Page[InstanceUserView]:
        """Everybody who is not deleted."""
        ...

    async def workspaces(self, cursor: str | None, limit: int) -> Page[InstanceWorkspaceView]:
        """Every workspace."""
        ...

    async def dead_jobs(self, cursor: str | None, limit: int) -> Page[DeadJobView]:
        """The dead jobs of all workspaces, and of the instance itself."""
        ...
