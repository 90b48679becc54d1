import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from saq import Worker

from adapters.saq.execution import Execution, Handler, OnEnd, OnFailure
from adapters.saq.feeder import Feeder
from adapters.saq.leases import Claimed, Leases
from adapters.saq.outage import Outage
from adapters.saq.queue import FUNCTION, JobsQueue
from adapters.saq.schedules import Enqueue, Schedule, Timetable
from application.ports.bell import Bell
from application.ports.clock import Clock
from application.ports.jobs import JobQueue
from domain.jobs import CANCELS_TOPIC

__all__ = ["JobRunner", "Schedule"]

_LOG = logging.getLogger(__name__)


class _JobWorker(Worker[Any]):
    """SAQ's worker, which leaves the process's signals to whoever owns the process."""

    SIGNALS = []  # noqa: RUF012 (declared so by SAQ)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunner:
    """Runs jobs: one per process, any number of processes.

    Attributes:
        handlers: what does a job, by its type; only these types are claimed.
        on_success, on_failure, on_cancelled: as `Execution` calls them; each may raise LeaseLost. `on_failure` is
            called also for a job that lost its worker once too often.
        enqueue: adds a recurring job.
        name: the worker's, unlike any other's.
        concurrency: jobs at a time.
        caps: of these, jobs of a type, which leave the other slots to other types; at least 1 each.
        lease: how long a job may go unheard of before others take it.
        grace: how long running jobs may take to end when the worker stops.
    """

    queue: JobQueue
    bell: Bell
    clock: Clock
    handlers: Mapping[str, Handler]
    on_success: OnEnd
    on_failure: OnFailure
    on_cancelled: OnEnd
    schedules: Sequence[Schedule]
    enqueue: Enqueue
    name: str
    concurrency: int = 10
    caps: Mapping[str, int] = field(default_factory=dict[str, int])
    lease: timedelta = timedelta(seconds=30)
    grace: timedelta = timedelta(seconds=10)

    async def run(self, stop: asyncio.Event) -> None:
        """Runs jobs until `stop` is set; then claims no more, lets running ones end, and puts the rest back."""
        # SAQ says of each job what our own log says better, and warns at each stop that it cancels its idle slots.
        logging.getLogger("saq").setLevel(logging.ERROR)
        outage = Outage()
        leases = Leases(self.queue, self.lease, outage)
        feeder = Feeder(self.queue, self.bell, leases, tuple(self.handlers), outage, caps=self.caps)
        jobs = JobsQueue(
            queue=self.queue,
            feeder=feeder,
            leases=leases,
            timetable=Timetable(self.schedules, self.enqueue, self.clock),
            outage=outage,
            on_failure=self.on_failure,
        )
        worker = self._worker(jobs, leases)
        try:
            async with asyncio.TaskGroup() as group:
                working = group.create_task(worker.start(), name="jobs")
                feeding = group.create_task(feeder.run(), name="claiming")
                hearing = group.create_task(self._hear_cancels(leases), name="cancels")
                _LOG.info("The worker %s runs up to %d jobs at a time.", self.name, self.concurrency)
                await stop.wait()
                feeder.stop()
                await feeding
                await self._drain(jobs, leases)
                await worker.stop()
                await working
                hearing.cancel()
        finally:
            with outage.tolerated("Being absent"):
                await self.queue.absent(self.name)

    def _worker(self, jobs: JobsQueue, leases: Leases) -> _JobWorker:
        execution = Execution(
            queue=self.queue,
            leases=leases,
            handlers=self.handlers,
            on_success=self.on_success,
            on_failure=self.on_failure,
            on_cancelled=self.on_cancelled,
        )

        async def execute(_context: object, *, claimed: Claimed) -> None:
            await execution(claimed)

        return _JobWorker(
            jobs,
            [(FUNCTION, execute)],
            id=self.name,
            concurrency=self.concurrency,
            timers={"schedule": 1, "worker_info": 5, "sweep": 1, "abort": 1},
        )

    async def _hear_cancels(self, leases: Leases) -> None:
        async with self.bell.listen(CANCELS_TOPIC) as cancels:
            while True:
                if await cancels.heard(60.0):
                    await leases.extend()

    async def _drain(self, jobs: JobsQueue, leases: Leases) -> None:
        await jobs.release([claimed for claimed in leases.held if claimed.task is None])
        with suppress(TimeoutError):
            async with asyncio.timeout(self.grace.total_seconds()):
                await leases.until_idle()
