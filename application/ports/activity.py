from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.activity import TOLD_TO
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
        id: the cursor: its number in the workspace, in the order of commits; numbers left out are of events that
            others are shown.
        causation_id: the job or request that caused it.
    """

    id: int
    type: str
    actor: Actor
    subject: Subject
    at: datetime
    causation_id: str | None
    data: Mapping[str, JsonValue]

    def is_for(self, reader_id: UUID) -> bool:
        """Whether this member is shown it."""
        return self.data.get(TOLD_TO) in {None, str(reader_id)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFilter:
    """What to show of the activity; None shows all.

    Attributes:
        type: an event type, such as `run.failed`, or its noun alone, such as `run`.
        actor: the id of an actor. subject: the id of a subject.
        since: events with greater numbers.
        reader_id: events that this member is shown.
    """

    type: str | None = None
    actor: UUID | None = None
    subject: UUID | None = None
    since: int | None = None
    reader_id: UUID | None = None


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
