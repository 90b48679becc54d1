"""The same two verbs over three queues: ours, and SAQ's own on Redis and on PostgreSQL with SAQ's own settings."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

from redis.asyncio import Redis
from saq import Queue, Worker
from saq.queue.postgres import PostgresQueue
from saq.queue.redis import RedisQueue
from typing_extensions import override

from application.ports.jobs import JobProgress
from domain.jobs import Claim, Job, JobSpec
from entrypoints.container import Container, job_runner, running
from entrypoints.settings import load

OURS, ON_REDIS, ON_POSTGRES = "ours", "saq on redis", "saq on postgres"
CONCURRENCY = 10

Happened = Callable[[str], None]
"""Is told the key of a job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoNothing(JobSpec):
    """A job that takes no time."""

    type: ClassVar[str] = "do_nothing"


class Jobs(Protocol):
    """A queue of jobs that do nothing."""

    async def add(self) -> str:
        """A new job, due at once; its key."""
        ...

    async def work(self, begun: Happened, ended: Happened) -> None:
        """Runs jobs until cancelled, and tells when each begins, and when its end is stored."""
        ...


class OurJobs(Jobs):
    def __init__(self, container: Container, settings: Any) -> None:
        self._container = container
        self._settings = settings

    @override
    async def add(self) -> str:
        ports = self._container.ports
        job = Job.of(DoNothing(), ports.clock().now())
        async with ports.begin()() as work:
            await work.jobs.add(job)
            await work.commit(None)
        return str(job.id)

    @override
    async def work(self, begun: Happened, ended: Happened) -> None:
        runner = job_runner(self._container, self._settings, "bench")
        finish = runner.on_success

        async def do_nothing(claim: Claim, _progress: JobProgress) -> None:
            begun(str(claim.job_id))

        async def on_success(claim: Claim) -> None:
            await finish(claim)
            ended(str(claim.job_id))

        runner = replace(
            runner, handlers={DoNothing.type: do_nothing}, on_success=on_success, concurrency=CONCURRENCY, schedules=[]
        )
        await runner.run(asyncio.Event())


class SaqJobs(Jobs):
    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    @override
    async def add(self) -> str:
        job = await self._queue.enqueue("do_nothing")
        assert job is not None
        return job.key

    @override
    async def work(self, begun: Happened, ended: Happened) -> None:
        async def do_nothing(context: Any) -> None:
            begun(context["job"].key)

        async def after(context: Any) -> None:
            ended(context["job"].key)

        functions: Any = [("do_nothing", do_nothing)]
        worker: Worker[Any] = Worker(self._queue, functions, concurrency=CONCURRENCY, after_process=after)
        await worker.start()


@asynccontextmanager
async def opened(kind: str, database_url: str, redis_url: str, home: str) -> AsyncGenerator[Jobs]:
    """The queue of this kind."""
    async with AsyncExitStack() as stack:
        if kind == OURS:
            environ = {
                "ENVIRONMENT": "dev", "DATABASE_URL": database_url, "REDIS_URL": redis_url,
                "FLIGHTDECK_HOME": str(Path(home)), "SECRET_KEY": "a secret key of the benchmark, not of anything",
            }  # fmt: skip
            settings = load(environ, None)
            yield OurJobs(await stack.enter_async_context(running(settings)), settings)
            return
        queue: Queue
        if kind == ON_REDIS:
            # Without a socket timeout, which redis-py 8 sets and which breaks off SAQ's waiting.
            redis: Any = cast("Any", Redis).from_url(redis_url, socket_timeout=None, max_connections=100)
            stack.push_async_callback(redis.aclose)
            queue = RedisQueue(redis, name="bench")
        else:
            queue = PostgresQueue.from_url(database_url)
        await queue.connect()
        stack.push_async_callback(queue.disconnect)
        yield SaqJobs(queue)
