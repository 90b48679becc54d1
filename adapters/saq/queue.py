from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

from saq import Job, Queue, Status
from saq.types import CountKind, QueueInfo, WorkerInfo
from typing_extensions import override

from adapters.saq.cause import caused_by
from adapters.saq.feeder import Feeder
from adapters.saq.leases import Claimed, Leases
from adapters.saq.outage import Outage
from adapters.saq.schedules import Timetable
from application.ports.jobs import JobQueue
from domain.jobs import Claim, LeaseLost

FUNCTION = "run"
"""The one function of the worker; it is called with `claimed`."""

_LOST = "The worker was lost."


class JobsQueue(Queue):
    """Our jobs as SAQ's worker sees them: it asks, once a second or when a slot is idle, and we do what is ours.

    What SAQ would keep of a job we do not: a job's state changes with its effects, in the store.
    """

    def __init__(
        self,
        *,
        queue: JobQueue,
        feeder: Feeder,
        leases: Leases,
        timetable: Timetable,
        outage: Outage,
        on_failure: Callable[[Claim, str], Awaitable[None]],
    ) -> None:
        super().__init__(name="flightdeck", dump=None, load=None)
        self._queue = queue
        self._feeder = feeder
        self._leases = leases
        self._timetable = timetable
        self._outage = outage
        self._on_failure = on_failure

    @override
    async def dequeue(self, timeout: float = 0.0, poll_interval: float = 0.0) -> Job | None:
        claimed = await self._feeder.next()
        # The key holds the attempt, as SAQ takes two of one key for one: an old attempt may still be stopping.
        key = f"{claimed.claim.job_id}:{claimed.claim.attempt}"
        return Job(FUNCTION, {"claimed": claimed}, self, key, timeout=0, heartbeat=0, ttl=-1)

    @override
    async def jobs(self, job_keys: Iterable[str]) -> list[Job | None]:
        """Extends the leases; SAQ is told of no job, as it would wait for each that is to be stopped."""
        await self._leases.extend()
        return []

    @override
    async def sweep(self, lock: int = 60, abort: float = 5.0) -> list[str]:
        with self._outage.tolerated("Looking for lost jobs"):
            for claim in await self._queue.expire():
                # Each by itself: one that cannot be ended must not keep the others waiting behind it.
                with self._outage.tolerated(f"Ending the lost job {claim.job_id}"), caused_by(claim):
                    await self._end_lost(claim)
        return []

    @override
    async def schedule(self, _lock: int = 1) -> list[str]:
        with self._outage.tolerated("Adding recurring jobs"):
            await self._timetable.add_due()
        return []

    @override
    async def write_worker_info(self, worker_id: str, info: WorkerInfo, ttl: int) -> None:
        with self._outage.tolerated("Being present"):
            await self._queue.present(worker_id)

    @override
    async def _retry(self, job: Job, error: str | None) -> None:
        """Puts a job back: SAQ asks for it only when the worker stops, as the function ends every failure itself."""
        claimed: Claimed = (job.kwargs or {})["claimed"]
        with self._outage.tolerated("Putting jobs back"):
            await self._queue.release([claimed.claim])

    async def release(self, claimed: Sequence[Claimed]) -> None:
        """Puts jobs back that no slot has begun."""
        for one in claimed:
            self._leases.drop(one)
        with self._outage.tolerated("Putting jobs back"):
            await self._queue.release([one.claim for one in claimed])

    async def _end_lost(self, claim: Claim) -> None:
        try:
            await self._on_failure(claim, _LOST)
        except LeaseLost:
            return  # another worker saw it first

    @override
    async def update(self, job: Job, **kwargs: Any) -> None:
        """Nothing: the claim has marked it as running."""

    @override
    async def _update(self, job: Job, status: Status | None = None, **kwargs: Any) -> None:
        """Nothing, as `update`."""

    @override
    async def _finish(self, job: Job, status: Status, *, result: Any = None, error: str | None = None) -> None:
        """Nothing: the job has ended with its effects."""

    @override
    async def disconnect(self) -> None:
        """Nothing: the connections are not ours."""

    @override
    async def abort(self, job: Job, error: str, ttl: float = 5) -> None:
        raise NotImplementedError

    @override
    async def job(self, job_key: str) -> Job | None:
        raise NotImplementedError

    @override
    def iter_jobs(self, statuses: list[Status] = list(Status), batch_size: int = 100) -> AsyncIterator[Job]:  # noqa: B006 (SAQ's signature)
        raise NotImplementedError

    @override
    async def info(self, jobs: bool = False, offset: int = 0, limit: int = 10) -> QueueInfo:
        raise NotImplementedError

    @override
    async def count(self, kind: CountKind) -> int:
        raise NotImplementedError

    @override
    async def _enqueue(self, job: Job) -> Job | None:
        raise NotImplementedError
