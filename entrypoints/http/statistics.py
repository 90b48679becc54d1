from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from application.conversations.read_statistics import Figures, FiguresOn, ReadStatistics, Statistics
from domain.access import Caller, Permission
from domain.conversations.statistics import DEFAULT_RANGE
from domain.ids import WorkspaceId


class ShownRange(msgspec.Struct, frozen=True, kw_only=True):
    """Which days are shown, both included, and in which time zone."""

    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    timezone: str


class StatisticsView(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a range, and of each of its days in order."""

    range: ShownRange
    totals: Figures
    days: Sequence[FiguresOn]

    @classmethod
    def of(cls, found: Statistics) -> "StatisticsView":
        """The view of these statistics."""
        days = found.range
        return cls(
            range=ShownRange(first=days.first, last=days.last, timezone=days.timezone),
            totals=found.totals,
            days=found.days,
        )


@get("/workspaces/{workspace_id:uuid}/conversations/stats", opt={"permission": Permission.CONVERSATION_READ})
async def get_statistics(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    read_statistics: NamedDependency[ReadStatistics],
    name: Annotated[
        str,
        QueryParameter(
            name="range",
            max_length=50,
            description="`today`, `yesterday`, `7d`, `30d`, `90d`, `365d`, or two dates, such as "
            "`2026-01-01..2026-01-31`; 400 days at most.",
        ),
    ] = DEFAULT_RANGE,
) -> StatisticsView:
    """What happened in the workspace's conversations, by days of its time zone; erased conversations count, too."""
    return StatisticsView.of(await read_statistics(caller, WorkspaceId(workspace_id), name))


ROUTES = (get_statistics,)
