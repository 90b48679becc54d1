from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from typing_extensions import override

from adapters.memory.pages import newest_first
from adapters.memory.store import MemoryStore, unended_key
from adapters.memory.table import Transaction
from application.ports.bell import Bell
from application.ports.clock import Clock
from application.ports.jobs import Held, JobQueue, Jobs, JobView, JobViews
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import JobId, WorkspaceId
from domain.jobs import JOBS_TOPIC, Claim, Job, JobStatus, LeaseLost, job_topic
from domain.json import JsonValue
from domain.pages import Page


class MemoryJobs(Jobs):
    """Jobs within a transaction.

    Attributes:
        finished: the claims whose jobs it ended, each as job and attempt.
    """

    def __init__(self, store: MemoryStore, transaction: Transaction, clock: Clock) -> None:
        self._jobs = store.jobs
        self._transaction = transaction
        self._clock = clock
        self.finished: set[tuple[JobId, int]] = set()

    @override
    async def add(self, job: Job) -> None:
        key = unended_key(job)
        if key is not None:
            await self._transaction.lock("jobs", "jobs_unended", key)
            if any(unended_key(other) == key for other in self._transaction.all(self._jobs)):
                return
        await self._transaction.insert(self._jobs, job)

    @override
    async def get(self, job_id: JobId) -> Job:
        job = self._transaction.get(self._jobs, job_id)
        if job is None:
            raise NotFound
        return job

    @override
    async def lock(self, job_id: JobId) -> Job:
        job = await self._transaction.locked(self._jobs, job_id)
        if job is None:
            raise NotFound
        return job

    @override
    async def unended(self, workspace_id: WorkspaceId) -> list[Job]:
        found = [job for job in self._transaction.all(self._jobs) if job.workspace_id == workspace_id]
        locked = [await self.lock(job.id) for job in found]
        return [job for job in locked if not job.ended]

    @override
    async def held(self, claim: Claim) -> Job:
        job = await self._transaction.locked(self._jobs, claim.job_id)
        if job is None or not _holds(job, claim):
            raise LeaseLost
        return job

    @override
    async def save(self, job: Job, because: Event | None = None) -> None:
        if because is not None:
            self._transaction.explain(because)
        await self._transaction.update(self._jobs, job)

    @override
    async def finish(
        self, claim: Claim, result: Mapping[str, JsonValue] | None = None, status: JobStatus = JobStatus.SUCCEEDED
    ) -> None:
        job = await self.held(claim)
        ended = replace(job, status=status, result=result, ended_at=self._clock.now(), lease_until=None)
        await self._transaction.put(self._jobs, ended)
        self.finished.add((claim.job_id, claim.attempt))

    async def verify(self, claim: Claim) -> None:
        """Nothing, when the claim holds or was finished here.

        Raises:
            LeaseLost: neither.
        """
        if (claim.job_id, claim.attempt) not in self.finished:
            await self.held(claim)


class MemoryJobQueue(JobQueue):
    """Committed jobs; the clock's time is the store's own."""

    def __init__(self, store: MemoryStore, bell: Bell, clock: Clock) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock

    @override
    async def claim(self, types: Sequence[str], limit: int, lease: timedelta) -> Sequence[Claim]:
        now = self._clock.now()
        heads = self._heads_of_lanes()
        # The order of rows is the order in which they were added, and sorting keeps it.
        due = [job for job in self._free(JobStatus.QUEUED) if job.type in types and job.run_at <= now]
        first = [job for job in due if job.lane is None or heads[job.lane].id == job.id]
        return [self._given(job, now, lease) for job in sorted(first, key=lambda job: job.run_at)[:limit]]

    @override
    async def extend(self, claims: Sequence[Claim], lease: timedelta) -> Held:
        until = self._clock.now() + lease
        rows = self._store.jobs.rows
        held = [job for claim in claims if (job := rows.get(claim.job_id)) and _holds(job, claim)]
        free = [job for job in held if self._is_free(job)]
        rows.update({job.id: replace(job, lease_until=until) for job in free})
        ids = frozenset(job.id for job in free)
        return Held(
            ids=ids,
            busy=frozenset(job.id for job in held) - ids,
            cancelled=frozenset(job.id for job in held if job.cancel_asked),
        )

    @override
    async def extend_when_free(self, claim: Claim, lease: timedelta) -> Held:
        until = self._clock.now() + lease
        job = await self._change(claim, lambda job: replace(job, lease_until=until))
        ids = frozenset({claim.job_id} if job else set[JobId]())
        return Held(ids=ids, busy=frozenset(), cancelled=ids if job and job.cancel_asked else frozenset())

    @override
    async def expire(self) -> Sequence[Claim]:
        now = self._clock.now()
        lost = [job for job in self._free(JobStatus.RUNNING) if job.lease_until is not None and job.lease_until <= now]
        again = [job for job in lost if job.failures + 1 < job.max_attempts]
        for job in again:
            queued = replace(job, status=JobStatus.QUEUED, failures=job.failures + 1, run_at=now, lease_until=None)
            self._store.jobs.rows[job.id] = queued
        await self._ring(again)
        return [_claim(job) for job in lost if job.failures + 1 >= job.max_attempts]

    @override
    async def release(self, claims: Sequence[Claim]) -> None:
        def back(job: Job) -> Job:
            return replace(job, status=JobStatus.QUEUED, lease_until=None)

        await self._ring([job for claim in claims if (job := await self._change(claim, back))])

    @override
    async def report(self, claim: Claim, percent: int, note: str | None) -> bool:
        job = await self._change(claim, lambda job: replace(job, progress=percent, note=note))
        if job is None:
            raise LeaseLost
        await self._bell.ring([job_topic(job.id)])
        return job.cancel_asked

    @override
    async def finish(self, claim: Claim) -> None:
        now = self._clock.now()

        def ended(job: Job) -> Job:
            return replace(job, status=JobStatus.SUCCEEDED, result=None, ended_at=now, lease_until=None)

        if job := await self._change(claim, ended):
            await self._bell.ring(topics_of([job]))

    @override
    async def forget(self, type_: str, before: datetime) -> None:
        for job in list(self._store.jobs.rows.values()):
            done = job.status is JobStatus.SUCCEEDED and job.workspace_id is None
            if done and job.type == type_ and job.created_at < before:
                del self._store.jobs.rows[job.id]

    @override
    async def present(self, worker: str) -> None:
        self._store.workers[worker] = self._clock.now()

    @override
    async def absent(self, worker: str) -> None:
        self._store.workers.pop(worker, None)

    def _free(self, status: JobStatus) -> list[Job]:
        """Those that no unit of work holds: what is locked is being changed, and passed over."""
        return [job for job in self._store.jobs.rows.values() if job.status is status and self._is_free(job)]

    def _is_free(self, job: Job) -> bool:
        return self._store.locks.free((self._store.jobs.name, job.id))

    def _heads_of_lanes(self) -> Mapping[str, Job]:
        """In each lane the job that runs, or else the first that waits."""
        unended = [job for job in self._store.jobs.rows.values() if not job.ended]
        in_turn = sorted(unended, key=lambda job: job.status is not JobStatus.RUNNING)
        return {job.lane: job for job in reversed(in_turn) if job.lane is not None}

    def _given(self, job: Job, now: datetime, lease: timedelta) -> Claim:
        running = replace(
            job, status=JobStatus.RUNNING, attempt=job.attempt + 1, lease_until=now + lease, started_at=now
        )
        self._store.jobs.rows[job.id] = running
        return _claim(running)

    async def _change(self, claim: Claim, change: Callable[[Job], Job]) -> Job | None:
        with self._store.transaction() as transaction:
            job = await transaction.locked(self._store.jobs, claim.job_id)
            if job is None or not _holds(job, claim):
                return None
            changed = change(job)
            await transaction.put(self._store.jobs, changed)
            transaction.apply()
            return changed

    async def _ring(self, jobs: Sequence[Job]) -> None:
        if jobs:
            await self._bell.ring([JOBS_TOPIC, *(job_topic(job.id) for job in jobs)])


class MemoryJobViews(JobViews):
    """Committed jobs."""

    def __init__(self, store: MemoryStore) -> None:
        self._jobs = store.jobs

    @override
    async def jobs(
        self, workspace_id: WorkspaceId, status: JobStatus | None, type_: str | None, cursor: str | None, limit: int
    ) -> Page[JobView]:
        jobs = (job for job in self._jobs.rows.values() if job.workspace_id == workspace_id)
        wanted = (job for job in jobs if status in {None, job.status} and type_ in {None, job.type})
        return newest_first((JobView.of(job, workspace_id) for job in wanted), cursor, limit)

    @override
    async def job(self, job_id: JobId) -> JobView | None:
        job = self._jobs.rows.get(job_id)
        return JobView.of(job, job.workspace_id) if job and job.workspace_id else None


def topics_of(jobs: Sequence[Job]) -> set[str]:
    """What rings when these jobs were written: each of them, and the workers when one of them may be free to run."""
    topics = {job_topic(job.id) for job in jobs}
    freed = any(job.status is JobStatus.QUEUED or (job.ended and job.lane) for job in jobs)
    return topics | {JOBS_TOPIC} if freed else topics


def _holds(job: Job, claim: Claim) -> bool:
    return job.status is JobStatus.RUNNING and job.attempt == claim.attempt


def _claim(job: Job) -> Claim:
    return Claim(job_id=job.id, attempt=job.attempt, type=job.type, payload=job.payload, workspace_id=job.workspace_id)
