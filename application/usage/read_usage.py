from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from application.ports.clock import Clock
from application.ports.usage import UsageGroup, UsageRow, UsageViews
from domain.access import Caller, Permission
from domain.errors import Fault, Invalid, NotFound
from domain.ids import WorkspaceId
from domain.usage import UsageSum, day_of

MOST_DAYS = 366
DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageView:
    """What a workspace's assistant used on the days from `first_day` to `last_day`, in its time zone.

    Attributes:
        rows: days in order, models and conversations with the most tokens first, 366 at most.
        total: of all calls, those of no row too.
    """

    first_day: date
    last_day: date
    timezone: str
    group: UsageGroup
    rows: Sequence[UsageRow]
    total: UsageSum


@dataclass(frozen=True, slots=True)
class ReadUsage:
    """Shows members what their assistant took, as the ledger has it: what was erased since is still in it."""

    views: UsageViews
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, first: date | None, last: date | None, group: UsageGroup
    ) -> UsageView:
        """The usage from `first` to `last`, these included; by default that of the 30 days up to today, or to `last`.

        Raises:
            NotFound, Forbidden: the caller may not.
            Invalid: `last` is before `first`, or more than 366 days are asked for.
        """
        caller.must(Permission.USAGE_READ, workspace_id)
        timezone = await self.views.timezone(workspace_id)
        if timezone is None:
            raise NotFound
        last = last or day_of(self.clock.now(), timezone)
        first = first or _before(last)
        _check(first, last)
        report = await self.views.report(workspace_id, first, last, group)
        return UsageView(
            first_day=first, last_day=last, timezone=timezone, group=group, rows=report.rows, total=report.total
        )


def _before(last: date) -> date:
    return last - min(timedelta(days=DEFAULT_DAYS - 1), last - date.min)


def _check(first: date, last: date) -> None:
    if last < first:
        raise Invalid(Fault("/query/to", "out_of_range", "The last day is before the first."))
    if (last - first).days >= MOST_DAYS:
        raise Invalid(Fault("/query/from", "out_of_range", f"At most {MOST_DAYS} days at once."))
