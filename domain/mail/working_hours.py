from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.errors import Fault, Invalid

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """When somebody works, by the clock on their wall.

    A shift begins on each of `days` (0 is Monday, as `date.weekday` counts) at `opens` and ends at the next `closes`:
    on the same day, or, when `closes` is not after `opens`, on the next one. So 22:00 to 06:00 on Fridays ends on
    Saturday; 00:00 to 00:00 is the whole day, and so is any other time to itself, from then on.

    A time that the clocks skip counts as if they had not been put forward yet, and of one they show twice the first
    counts (RFC 5545, section 3.3.5, has the same rule). Of a shift that a skip swallows nothing is left.

    Raises:
        Invalid: there is no day, or one that no week has; or a time has a zone of its own.
    """

    days: frozenset[int]
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not self.days:
            raise Invalid(Fault("/days", "too_short", "Working hours need at least one day."))
        if not self.days <= frozenset(range(7)):
            raise Invalid(Fault("/days", "out_of_range", "Days are 0, Monday, to 6, Sunday."))
        if self.opens.tzinfo or self.closes.tzinfo:
            raise Invalid(Fault("/opens", "bad_time", "Working hours are times of the day, without a zone."))

    def open_at(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether it is working time at `at` for somebody in `zone`."""
        today = at.astimezone(zone).date()
        shifts = self._shifts(today - 2 * _DAY, 4, zone)
        return any(start <= at < end for start, end in shifts)

    def next_opening(self, at: datetime, zone: ZoneInfo) -> datetime:
        """`at` itself within working time, else when it begins next, in UTC."""
        if self.open_at(at, zone):
            return at.astimezone(UTC)
        today = at.astimezone(zone).date()
        # Two weeks and a day: the one shift of a week may be swallowed.
        return next(start for start, _ in self._shifts(today - _DAY, 17, zone) if start > at)

    def _shifts(self, first: date, days: int, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        overnight = _DAY if self.closes <= self.opens else timedelta(0)
        for day in (first + number * _DAY for number in range(days)):
            start, end = _instant(day, self.opens, zone), _instant(day + overnight, self.closes, zone)
            if day.weekday() in self.days and start < end:
                yield start, end


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the clocks of `zone` show it; `fold=0` is the rule that `WorkingHours` states (PEP 495)."""
    return datetime.combine(day, clock.replace(fold=0), zone).astimezone(UTC)
