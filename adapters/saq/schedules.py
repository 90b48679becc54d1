from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from croniter import croniter

from application.ports.clock import Clock
from domain.jobs import Job, JobSpec

Enqueue = Callable[[Job], Awaitable[None]]
_AGAIN = timedelta(seconds=10)
# Nearer than this to its time a job is not added any more: another worker may have added and run it by then, and
# its key, which prevents a second one, would be free again.
_MARGIN = timedelta(seconds=2)
_FIELDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A job that recurs.

    Attributes:
        spec: what to do; it has a unique key, so that any number of workers adds it once.
        cron: five fields, in UTC.

    Raises:
        ValueError: the key is missing, or the expression is none of five fields.
    """

    spec: JobSpec
    cron: str

    def __post_init__(self) -> None:
        if self.spec.unique_key is None:
            raise ValueError(f"The recurring job {self.spec.type} needs a unique key.")
        if len(self.cron.split()) != _FIELDS or not croniter.is_valid(self.cron):
            raise ValueError(f"{self.cron!r} is no cron expression of five fields.")

    def after(self, at: datetime) -> datetime:
        """The next time after `at`."""
        upcoming: datetime = croniter(self.cron, at).get_next(datetime)
        return upcoming


class Timetable:
    """Adds recurring jobs ahead of their time.

    While the previous one has not ended, adding is without effect; so it is tried again every 10 seconds.
    """

    def __init__(self, schedules: Sequence[Schedule], enqueue: Enqueue, clock: Clock) -> None:
        self._schedules = schedules
        self._enqueue = enqueue
        self._clock = clock
        self._tried: dict[Schedule, tuple[datetime, datetime]] = {}

    async def add_due(self) -> None:
        """Adds the next job of each schedule, if that may still be needed."""
        now = self._clock.now()
        for schedule in self._schedules:
            run_at = schedule.after(now)
            tried_for, tried_at = self._tried.get(schedule, (None, now))
            if run_at - now < _MARGIN or (tried_for == run_at and now - tried_at < _AGAIN):
                continue
            await self._enqueue(Job.of(schedule.spec, now, run_at=run_at, schedule=schedule.cron))
            self._tried[schedule] = run_at, now
