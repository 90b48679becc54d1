from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.actors import Actor, Subject
from domain.ids import WorkspaceId
from domain.json import JsonValue
from domain.pages import Page

CAUSE: ContextVar[str | None] = ContextVar("cause", default=None)
"""The id of the request being served, or of the job being run or buried; every event committed in it carries it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityView:
    """An event as members see it.

    Attributes:
        id: the cursor: its number in the workspace, without gaps, in the order of commits.
        causation_id: the job or request that caused it.
    """

    id: int
    type: str
    actor: Actor
    subject: Subject
    at: datetime
    causation_id: str | None
    data: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFilter:
    """What to show of the activity; None shows all.

    Attributes:
        type: an event type, such as `run.failed`, or its noun alone, such as `run`.
        actor: the id of an actor. subject: the id of a subject.
        since: events with greater numbers.
    """

    type: str | None = None
    actor: UUID | None = None
    subject: UUID | None = None
    since: int | None = None


class ActivityViews(Protocol):
    """What happened, to look at; events appear when the unit of work that records them commits."""

    async def newest(
        self, workspace_id: WorkspaceId, only: ActivityFilter, cursor: str | None, limit: int
    ) -> Page[ActivityView]:
        """The workspace's events, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def after(self, workspace_id: WorkspaceId, number: int, limit: int) -> list[ActivityView]:
        """The workspace's events with greater numbers, oldest first: none is ever missing between two of them."""
        ...

    async def head(self, workspace_id: WorkspaceId) -> int:
        """The number of the newest event, 0 when there is none."""
        ...
