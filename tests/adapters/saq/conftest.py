import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from typing_extensions import override

from adapters.memory.bell import MemoryBell
from adapters.memory.clock import MemoryClock
from adapters.memory.jobs import MemoryJobQueue
from adapters.memory.store import MemoryStore
from adapters.memory.unit_of_work import MemoryUnits
from adapters.saq.execution import Handler
from adapters.saq.job_runner import JobRunner
from adapters.saq.schedules import Schedule
from application.jobs.add_scheduled_job import AddScheduledJob
from application.jobs.cancel_job import EndCancelledJob
from application.jobs.fail_job import FailJob
from domain.ids import JobId, WorkspaceId
from domain.jobs import CANCELS_TOPIC, Claim, Job, JobSpec, JobStatus

DEADLINE = 20.0  # seconds, for what takes a fraction of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(JobSpec):
    """A job of the tests."""

    type: ClassVar[str] = "work"
    number: int = 0
    in_lane: str | None = None
    of: WorkspaceId | None = None

    @property
    @override
    def workspace(self) -> WorkspaceId | None:
        return self.of

    @property
    def lane(self) -> str | None:
        return self.in_lane


@dataclass(slots=True)
class World:
    """Jobs in memory, and workers to run them."""

    clock: MemoryClock = field(default_factory=MemoryClock)
    bell: MemoryBell = field(default_factory=MemoryBell)
    store: MemoryStore = field(default_factory=MemoryStore)
    names: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def queue(self) -> MemoryJobQueue:
        return MemoryJobQueue(self.store, self.bell, self.clock)

    @property
    def begin(self) -> MemoryUnits:
        return MemoryUnits(self.store, self.bell, self.clock)

    async def add(self, *specs: JobSpec, max_attempts: int = 5) -> list[JobId]:
        jobs = [replace(Job.of(spec, self.clock.now()), max_attempts=max_attempts) for spec in specs]
        async with self.begin() as work:
            for job in jobs:
                await work.jobs.add(job)
            await work.commit(None)
        return [job.id for job in jobs]

    def job(self, job_id: JobId) -> Job:
        job = self.store.jobs.rows[job_id]
        assert isinstance(job, Job)
        return job

    def jobs(self) -> list[Job]:
        return list(self.store.jobs.rows.values())

    async def ask_to_cancel(self, job_id: JobId) -> None:
        """As somebody does in another process."""
        async with self.begin() as work:
            await work.jobs.save((await work.jobs.lock(job_id)).asked_to_cancel(self.clock.now()))
            await work.commit(None)
        await self.bell.ring([CANCELS_TOPIC])

    def is_leased_until(self, job_id: JobId, until: datetime) -> bool:
        return self.job(job_id).lease_until == until

    def give_away(self, job_id: JobId) -> None:
        """As when the lease ran out and another worker claimed the job."""
        job = self.job(job_id)
        self.store.jobs.rows[job_id] = replace(job, attempt=job.attempt + 1)

    def runner(self, handlers: Handler | Mapping[str, Handler], *schedules: Schedule, **changes: object) -> JobRunner:
        runner = JobRunner(
            queue=self.queue,
            bell=self.bell,
            clock=self.clock,
            handlers={Work.type: handlers} if callable(handlers) else handlers,
            on_success=self.queue.finish,
            on_failure=FailJob(self.begin, {}, self.clock),
            on_cancelled=EndCancelledJob(self.begin, {}, self.clock),
            schedules=schedules,
            enqueue=AddScheduledJob(self.begin),
            name=f"worker {next(self.names)}",
            grace=timedelta(0),
        )
        return replace(runner, **changes)  # type: ignore[arg-type]

    @asynccontextmanager
    async def running(self, *runners: JobRunner) -> AsyncGenerator[None]:
        """Within the block the runners run."""
        stop = asyncio.Event()
        async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
            for runner in runners:
                group.create_task(runner.run(stop))
            try:
                yield
            finally:
                stop.set()

    async def ended(self, job_ids: Sequence[JobId]) -> list[JobStatus]:
        """What became of the jobs."""
        await eventually(lambda: all(self.job(job_id).ended for job_id in job_ids))
        return [self.job(job_id).status for job_id in job_ids]


@pytest.fixture
def world() -> World:
    return World()


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.005)


def number_of(claim: Claim) -> int:
    number = claim.payload["number"]
    assert isinstance(number, int)
    return number
