from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from application.ports.clock import Clock
from application.ports.statistics import HappenedIn, StatisticsViews
from application.ports.usage import MOST_GROUPS, UsageGroup, UsageReport, UsageViews
from domain.access import Caller, Permission
from domain.conversations.statistics import DayRange, Happened
from domain.errors import NotFound
from domain.ids import WorkspaceId
from domain.usage import UsageSum


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Happened):
    """What happened in conversations, and what the models took for it."""

    usage: UsageSum = field(default_factory=UsageSum)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresOn(Figures):
    """The figures of a day."""

    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The figures of a range, and of each of its days in order."""

    range: DayRange
    totals: Figures
    days: Sequence[FiguresOn]


@dataclass(frozen=True, slots=True)
class ReadStatistics:
    """Counts what happened in a workspace's conversations, by its own days."""

    views: StatisticsViews
    usage: UsageViews
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, name: str) -> Statistics:
        """The figures of the range of this name.

        Raises:
            NotFound, Forbidden: the caller may not. Invalid: there is no such range.
        """
        caller.must(Permission.CONVERSATION_READ, workspace_id)
        timezone = await self.usage.timezone(workspace_id)
        if timezone is None:
            raise NotFound
        days = DayRange.named(name, timezone, self.clock.now())
        happened = await self.views.happened(workspace_id, days)
        return _statistics(days, happened, await self._reports(workspace_id, days))

    async def _reports(self, workspace_id: WorkspaceId, days: DayRange) -> Sequence[UsageReport]:
        """As many as it takes to have a row for each day."""
        starts = range(0, len(days.dates), MOST_GROUPS)
        spans = [(days.dates[start], min(days.dates[start] + _SPAN, days.last)) for start in starts]
        return [await self.usage.report(workspace_id, *span, UsageGroup.DAY) for span in spans]


_SPAN = timedelta(days=MOST_GROUPS - 1)


def _statistics(days: DayRange, happened: HappenedIn, reports: Sequence[UsageReport]) -> Statistics:
    by_day = {row.key: row.usage for report in reports for row in report.rows}
    total = UsageSum.together(report.total for report in reports)
    return Statistics(
        range=days,
        totals=Figures(**happened.total.counts, usage=total),
        days=[
            FiguresOn(date=day.date, **day.counts, usage=by_day.get(str(day.date), UsageSum())) for day in happened.days
        ],
    )
