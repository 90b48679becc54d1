"""The worker over PostgreSQL and Redis, as it runs in production."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest

from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.migrate import migrate
from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Database
from adapters.postgres.unit_of_work import PostgresUnits
from adapters.redis.bell import RedisBell
from adapters.redis.connection import RedisConnection
from adapters.saq.execution import Handler
from adapters.saq.job_runner import JobRunner
from adapters.snowball.stemmer import SnowballStemmer
from adapters.system.clock import SystemClock
from application.jobs.add_scheduled_job import AddScheduledJob
from application.jobs.cancel_job import EndCancelledJob
from application.jobs.fail_job import FailJob
from application.ports.jobs import JobProgress
from domain.ids import JobId
from domain.jobs import CANCELS_TOPIC, Claim, Job, JobStatus
from entrypoints.supervisor.embedded import Urls
from tests.adapters.saq.conftest import DEADLINE, Work, number_of
from tests.migrations.databases import new_database


@dataclass(frozen=True, slots=True)
class Process:
    """What one process has: connections of its own."""

    database: Database
    bell: RedisBell
    clock: SystemClock

    @property
    def begin(self) -> PostgresUnits:
        return PostgresUnits(self.database, self.bell, self.clock, SnowballStemmer())

    def runner(self, handler: Handler, name: str) -> JobRunner:
        queue = PostgresJobQueue(self.database, self.bell)
        return JobRunner(
            queue=queue,
            bell=self.bell,
            clock=self.clock,
            handlers={Work.type: handler},
            on_success=queue.finish,
            on_failure=FailJob(self.begin, {}, self.clock),
            on_cancelled=EndCancelledJob(self.begin, {}, self.clock),
            schedules=[],
            enqueue=AddScheduledJob(self.begin),
            name=name,
            concurrency=5,
            grace=timedelta(0),
        )

    async def add(self, *specs: Work) -> list[JobId]:
        jobs = [Job.of(spec, self.clock.now()) for spec in specs]
        async with self.begin() as work:
            for job in jobs:
                await work.jobs.add(job)
            await work.commit(None)
        return [job.id for job in jobs]

    async def jobs(self, job_ids: Sequence[JobId]) -> list[Job]:
        async with self.begin() as work:
            return [await work.jobs.lock(job_id) for job_id in sorted(job_ids)]

    async def ended(self, job_ids: Sequence[JobId]) -> Counter[JobStatus]:
        async with asyncio.timeout(DEADLINE):
            while True:
                jobs = await self.jobs(job_ids)
                if all(job.ended for job in jobs):
                    return Counter(job.status for job in jobs)
                await asyncio.sleep(0.01)


@asynccontextmanager
async def process(database_url: str, redis_url: str, namespace: str) -> AsyncGenerator[Process]:
    async with open_pool(database_url, 10) as pool, RedisConnection(redis_url, namespace=namespace) as redis:
        yield Process(Database(pool), RedisBell(redis), SystemClock())


@pytest.fixture
async def processes(servers: Urls) -> AsyncIterator[tuple[Process, Process, Process]]:
    namespace = uuid4().hex
    async with new_database(servers.database) as url:
        migrate(url)
        async with (
            process(url, servers.redis, namespace) as api,
            process(url, servers.redis, namespace) as one,
            process(url, servers.redis, namespace) as two,
        ):
            yield api, one, two


@asynccontextmanager
async def running(*runners: JobRunner) -> AsyncGenerator[None]:
    stop = asyncio.Event()
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        for runner in runners:
            group.create_task(runner.run(stop))
        try:
            yield
        finally:
            stop.set()


async def test_two_workers_run_each_job_once(processes: tuple[Process, Process, Process]) -> None:
    api, one, two = processes
    done: list[int] = []

    async def work(claim: Claim, progress: JobProgress) -> None:
        await progress.report(100, "done")
        done.append(number_of(claim))

    async with running(one.runner(work, "one"), two.runner(work, "two")):
        ids = await api.add(*(Work(number=number) for number in range(100)))

        assert await api.ended(ids) == {JobStatus.SUCCEEDED: 100}
    assert sorted(done) == list(range(100))


async def test_a_job_that_waits_for_something_outside_is_cancelled_from_another_process(
    processes: tuple[Process, Process, Process],
) -> None:
    api, one, two = processes
    begun = asyncio.Event()

    async def outside() -> AsyncGenerator[int, None]:
        begun.set()
        await asyncio.Event().wait()
        yield 1

    async def work(_claim: Claim, progress: JobProgress) -> None:
        async for _ in progress.guard(outside()):
            pass

    async with running(one.runner(work, "one"), two.runner(work, "two")):
        (job_id,) = await api.add(Work())
        await begun.wait()
        async with api.begin() as unit:
            await unit.jobs.save((await unit.jobs.lock(job_id)).asked_to_cancel(api.clock.now()))
            await unit.commit(None)
        await api.bell.ring([CANCELS_TOPIC])

        assert await api.ended([job_id]) == {JobStatus.CANCELLED: 1}


async def test_what_one_worker_puts_back_the_next_one_runs(processes: tuple[Process, Process, Process]) -> None:
    api, one, two = processes
    begun = asyncio.Event()

    async def wait(_claim: Claim, _progress: JobProgress) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def nothing(_claim: Claim, _progress: JobProgress) -> None:
        """A job that is done at once."""

    ids = await api.add(*(Work() for _ in range(12)))
    async with running(one.runner(wait, "one")):
        await begun.wait()
    async with running(two.runner(nothing, "two")):
        assert await api.ended(ids) == {JobStatus.SUCCEEDED: 12}
    assert {job.failures for job in await api.jobs(ids)} == {0}
