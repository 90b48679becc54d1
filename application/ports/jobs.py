from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, Self, TypeVar

from application.ports.unit_of_work import UnitOfWork
from domain.activity import Event
from domain.actors import Subject
from domain.ids import JobId, WorkspaceId
from domain.jobs import Claim, Job, JobStatus
from domain.json import JsonValue
from domain.pages import Page

Item = TypeVar("Item")


class Jobs(Protocol):
    """The jobs, as a unit of work sees them."""

    async def add(self, job: Job) -> None:
        """Stores a new job; nothing when one of its type with its unique key has not ended. Needs no event."""
        ...

    async def get(self, job_id: JobId) -> Job:
        """The job.

        Raises:
            NotFound: there is none.
        """
        ...

    async def lock(self, job_id: JobId) -> Job:
        """The job, which nobody else changes until the unit ends.

        Raises:
            NotFound: there is none.
        """
        ...

    async def unended(self, workspace_id: WorkspaceId) -> list[Job]:
        """The workspace's jobs that wait or run, which nobody else changes until the unit ends."""
        ...

    async def held(self, claim: Claim) -> Job:
        """The job of the claim, locked as by `lock`.

        Raises:
            LeaseLost: the claim does not hold any more.
        """
        ...

    async def save(self, job: Job, because: Event | None = None) -> None:
        """Replaces a job that was locked in this unit, also what it is to do and what it works on.

        Raises:
            JobNotReplayable: it is queued anew, and another of its type with its unique key has not ended.
        """
        ...

    async def finish(
        self, claim: Claim, result: Mapping[str, JsonValue] | None = None, status: JobStatus = JobStatus.SUCCEEDED
    ) -> None:
        """Ends the job of the claim together with the effects of this unit.

        Raises:
            LeaseLost: the claim does not hold any more.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What became of claims whose leases were to be extended.

    Attributes:
        ids: those that were extended.
        busy: those that held when we looked, and were not extended, as somebody has their job locked.
        cancelled: of both, those to cancel.
    """

    ids: frozenset[JobId]
    busy: frozenset[JobId]
    cancelled: frozenset[JobId]


class JobQueue(Protocol):
    """The jobs, as workers see them; times are the store's own, so that workers need not agree on one."""

    async def claim(self, types: Sequence[str], limit: int, lease: timedelta) -> Sequence[Claim]:
        """Up to `limit` due jobs of these types, now running, leased to the caller, their attempts raised.

        Each is given to one caller only, the longest due first. A job waits while an earlier one of its lane has not
        ended.
        """
        ...

    async def extend(self, claims: Sequence[Claim], lease: timedelta) -> Held:
        """Leases those that still hold for `lease` from now. It waits for no unit of work."""
        ...

    async def extend_when_free(self, claim: Claim, lease: timedelta) -> Held:
        """The same for one claim that was busy: it waits for who has its job locked, and `lease` runs from the call."""
        ...

    async def expire(self) -> Sequence[Claim]:
        """Queues all jobs whose lease has run out, each with one more failure, to run at once.

        Returns:
            The claims whose job has no failure left: their leases stay run out, and the caller is to end them.
        """
        ...

    async def release(self, claims: Sequence[Claim]) -> None:
        """Puts jobs that still hold back at once, with no failure counted."""
        ...

    async def report(self, claim: Claim, percent: int, note: str | None) -> bool:
        """Stores the progress of a claim that holds, and rings for it; returns whether it is to be cancelled.

        Raises:
            LeaseLost: the claim does not hold any more.
        """
        ...

    async def finish(self, claim: Claim) -> None:
        """Ends the job of a claim that holds, and rings for it: it has succeeded, with no effects to store.

        Nothing when the claim does not hold: its unit of work has ended it, or somebody else has it.
        """
        ...

    async def forget(self, type_: str, before: datetime) -> None:
        """The jobs of this type that no workspace had, were added before then and have succeeded are gone."""
        ...

    async def present(self, worker: str) -> None:
        """The worker of this name is alive at this moment."""
        ...

    async def absent(self, worker: str) -> None:
        """The worker of this name has stopped."""
        ...


class JobProgress(Protocol):
    """What a running job tells, and how it is told to stop."""

    async def report(self, percent: int, note: str | None = None) -> None:
        """Shows the progress: 0 to 100, and a word for people.

        Raises:
            JobCancelled: somebody asked for the job to stop.
            LeaseLost: the job is not ours any more.
        """
        ...

    def guard(self, source: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
        """The items of `source`, until somebody asks for the job to stop.

        Closes `source` at the end, in any case, before it raises.

        Raises:
            JobCancelled: somebody asked, also while waiting for an item; noticed within milliseconds.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as members see it; `attempts` counts the times it was begun."""

    id: JobId
    workspace_id: WorkspaceId
    type: str
    status: JobStatus
    progress: int
    note: str | None
    attempts: int
    max_attempts: int
    run_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    error: str | None
    result: Mapping[str, JsonValue] | None
    subject: Subject | None
    created_at: datetime

    @classmethod
    def of(cls, job: Job, workspace_id: WorkspaceId) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=job.id,
            workspace_id=workspace_id,
            type=job.type,
            status=job.status,
            progress=job.progress,
            note=job.note,
            attempts=job.attempt,
            max_attempts=job.max_attempts,
            run_at=job.run_at,
            started_at=job.started_at,
            ended_at=job.ended_at,
            error=job.error,
            result=job.result,
            subject=job.subject,
            created_at=job.created_at,
        )


class JobViews(Protocol):
    """Jobs, to look at; those of the system belong to no workspace and are never shown."""

    async def jobs(
        self, workspace_id: WorkspaceId, status: JobStatus | None, type_: str | None, cursor: str | None, limit: int
    ) -> Page[JobView]:
        """The workspace's jobs, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def job(self, job_id: JobId) -> JobView | None:
        """The job, or None."""
        ...


class JobsWork(UnitOfWork, Protocol):
    """What use cases of jobs touch."""

    jobs: Jobs


AnyWork_contra = TypeVar("AnyWork_contra", contravariant=True)


class Burial(Protocol[AnyWork_contra]):
    """What the death or the cancellation of a job leaves behind, done in the unit of work that ends it."""

    async def prepare(self, work: AnyWork_contra, payload: Mapping[str, JsonValue]) -> None:
        """Locks what `bury` will change. It comes before the job is locked, as everybody locks in this order."""
        ...

    async def bury(self, work: AnyWork_contra, job: Job) -> None:
        """Mends what the ended `job` would otherwise leave wedged."""
        ...

    async def revive(self, work: AnyWork_contra, job: Job) -> Job:
        """The ended `job` as it is to run again, pointing to what replaces what it had left behind."""
        ...
