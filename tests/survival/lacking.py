"""Adapters that lack what replies survive by: the lease, the fence or the checkpoint."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

from typing_extensions import override

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from application.ports.conversations import Runs
from application.ports.jobs import Held, Jobs
from application.ports.run_log import StaleAttempt
from application.ports.unit_of_work import Begin
from domain.activity import Event
from domain.conversations import Frame, Message, Run
from domain.ids import ConversationId, JobId, RunId, WorkspaceId
from domain.jobs import Claim, Job, JobStatus, LeaseLost
from domain.json import JsonValue
from tests.survival.watched import WatchedJobQueue, WatchedRunLog


class UnextendedJobQueue(WatchedJobQueue):
    """Believes all leases to hold, and extends none."""

    @override
    async def extend(self, claims: Sequence[Claim], lease: timedelta) -> Held:
        return Held(ids=frozenset(claim.job_id for claim in claims), busy=frozenset(), cancelled=frozenset())


class UnfencedJobQueue(WatchedJobQueue):
    """Extends leases, and never tells that one was lost."""

    @override
    async def extend(self, claims: Sequence[Claim], lease: timedelta) -> Held:
        found = await super().extend(claims, lease)
        return replace(found, ids=frozenset(claim.job_id for claim in claims), busy=frozenset())


class UnfencedRunLog(WatchedRunLog):
    """Lets who makes an older attempt go on."""

    @override
    async def append(self, run_id: RunId, frames: Sequence[Frame], *, anew: bool = False) -> None:
        with suppress(StaleAttempt):
            await super().append(run_id, frames, anew=anew)


class UnfencedJobs(Jobs):
    """Takes any claim for one that holds."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    @override
    async def add(self, job: Job) -> None:
        await self._jobs.add(job)

    @override
    async def get(self, job_id: JobId) -> Job:
        return await self._jobs.get(job_id)

    @override
    async def lock(self, job_id: JobId) -> Job:
        return await self._jobs.lock(job_id)

    @override
    async def unended(self, workspace_id: WorkspaceId) -> list[Job]:
        return await self._jobs.unended(workspace_id)

    @override
    async def held(self, claim: Claim) -> Job:
        return await self._jobs.lock(claim.job_id)

    @override
    async def save(self, job: Job, because: Event | None = None) -> None:
        await self._jobs.save(job, because)

    @override
    async def finish(
        self, claim: Claim, result: Mapping[str, JsonValue] | None = None, status: JobStatus = JobStatus.SUCCEEDED
    ) -> None:
        job = await self._jobs.lock(claim.job_id)
        with suppress(LeaseLost):
            await self._jobs.finish(replace(claim, attempt=job.attempt), result, status)


class UnsavedRuns(Runs):
    """Saves nothing of a reply before its end."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    @override
    async def add(self, run: Run, because: Event | None = None) -> None:
        await self._runs.add(run, because)

    @override
    async def get(self, run_id: RunId) -> Run:
        return await self._runs.get(run_id)

    @override
    async def ids(self, conversation_id: ConversationId) -> Sequence[RunId]:
        return await self._runs.ids(conversation_id)

    @override
    async def active(self, conversation_id: ConversationId) -> Sequence[Run]:
        return await self._runs.active(conversation_id)

    @override
    async def answering(self, message: Message) -> Sequence[Run]:
        return await self._runs.answering(message)

    @override
    async def save(self, run: Run, because: Event | None = None) -> None:
        await self._runs.save(run, because)

    @override
    async def checkpoint(self, run: Run) -> None:
        """Nothing."""


class UnfencedUnits(Begin[PostgresUnitOfWork]):
    """Units of work that commit whether their claim holds or not."""

    def __init__(self, begin: Begin[PostgresUnitOfWork]) -> None:
        self._begin = begin

    @override
    def __call__(self, claim: Claim | None = None) -> AbstractAsyncContextManager[PostgresUnitOfWork]:
        return self._unit()

    @asynccontextmanager
    async def _unit(self) -> AsyncGenerator[PostgresUnitOfWork]:
        async with self._begin() as work:
            work.jobs = UnfencedJobs(work.jobs)
            yield work


class UnsavingUnits(Begin[PostgresUnitOfWork]):
    """Units of work without checkpoints."""

    def __init__(self, begin: Begin[PostgresUnitOfWork]) -> None:
        self._begin = begin

    @override
    def __call__(self, claim: Claim | None = None) -> AbstractAsyncContextManager[PostgresUnitOfWork]:
        return self._unit(claim)

    @asynccontextmanager
    async def _unit(self, claim: Claim | None) -> AsyncGenerator[PostgresUnitOfWork]:
        async with self._begin(claim) as work:
            work.runs = UnsavedRuns(work.runs)
            yield work
