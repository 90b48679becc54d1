import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from adapters.memory.clock import MemoryClock
from adapters.saq.schedules import Schedule, Timetable
from application.ports.jobs import JobProgress
from domain.jobs import Claim, Job, JobSpec, JobStatus
from tests.adapters.saq.conftest import Work, World

_START = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidy(JobSpec):
    """A recurring job of the tests."""

    type: ClassVar[str] = "tidy"

    @property
    def unique_key(self) -> str | None:
        return "all"


class Added:
    """Jobs that were added, whether that had an effect or not."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    async def __call__(self, job: Job) -> None:
        self.jobs.append(job)

    @property
    def times(self) -> list[str]:
        return [f"{job.run_at:%H:%M:%S}" for job in self.jobs]


async def test_the_next_time_is_added_ahead() -> None:
    added = Added()
    await Timetable([Schedule(spec=Tidy(), cron="*/5 * * * *")], added, MemoryClock(_START)).add_due()

    (job,) = added.jobs
    assert (job.type, job.unique_key, job.schedule) == ("tidy", "all", "*/5 * * * *")
    assert job.run_at == datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
    assert job.created_at == _START


async def test_a_time_is_added_again_now_and_then_as_the_former_may_not_have_ended() -> None:
    added, clock = Added(), MemoryClock(_START)
    timetable = Timetable([Schedule(spec=Tidy(), cron="* * * * *")], added, clock)
    for _ in range(60):
        await timetable.add_due()
        clock.advance(timedelta(seconds=1))

    assert added.times == ["12:01:00"] * 3 + ["12:02:00"] * 3


async def test_a_time_that_is_upon_us_is_left_to_those_who_added_it_before() -> None:
    added = Added()
    at = datetime(2026, 3, 2, 12, 4, 58, 500_000, tzinfo=UTC)
    await Timetable([Schedule(spec=Tidy(), cron="*/5 * * * *")], added, MemoryClock(at)).add_due()

    assert added.jobs == []


async def test_a_schedule_that_could_not_be_added_is_tried_again_at_once() -> None:
    calls = 0

    async def refuse(_job: Job) -> None:
        nonlocal calls
        calls += 1
        raise ConnectionError

    timetable = Timetable([Schedule(spec=Tidy(), cron="* * * * *")], refuse, MemoryClock(_START))
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await timetable.add_due()
    assert calls == 2


def test_a_recurring_job_needs_a_unique_key() -> None:
    with pytest.raises(ValueError, match="needs a unique key"):
        Schedule(spec=Work(), cron="* * * * *")


@pytest.mark.parametrize("cron", ["", "every day", "* * * *", "* * * * * *", "61 * * * *"])
def test_an_expression_that_is_none_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match="no cron expression"):
        Schedule(spec=Tidy(), cron=cron)


async def test_two_workers_run_a_recurring_job_once_each_time(world: World) -> None:
    runs: list[datetime] = []

    async def tidy(_claim: Claim, _progress: JobProgress) -> None:
        runs.append(world.clock.now())

    schedule = Schedule(spec=Tidy(), cron="*/10 * * * *")
    runners = [world.runner({Tidy.type: tidy}, schedule) for _ in range(2)]
    async with world.running(*runners):
        while len(runs) < 2:
            world.clock.advance(timedelta(minutes=3))
            await asyncio.sleep(0.2)

    ended = [job for job in world.jobs() if job.status is JobStatus.SUCCEEDED]
    assert len(ended) == len(runs)
    assert len({job.run_at for job in world.jobs()}) == len(world.jobs())
    assert all(job.run_at.minute % 10 == 0 for job in world.jobs())
