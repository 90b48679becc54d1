"""Jobs: everything slow, added with what causes it, leased to a worker, fenced by its attempt."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from domain.activity import Event
from domain.actors import Actor, Subject
from domain.errors import Conflict
from domain.ids import JobId, UserId, WorkspaceId, new_id
from domain.json import JsonValue, json_of

JOBS_TOPIC = "jobs"
CANCELS_TOPIC = "cancels"
RUNS_KEPT = timedelta(days=1)
"""How long jobs that succeeded are kept where one of their type comes each minute, and tells nothing."""


class JobNotReplayable(Conflict):
    """Only a dead or cancelled job can be replayed."""

    code = "job_not_replayable"
    detail = "Only a dead or cancelled job can be replayed."


class JobEnded(Conflict):
    """The job has ended and cannot be cancelled."""

    code = "job_ended"
    detail = "The job has ended."


class LeaseLost(Exception):
    """The job is not ours any more: its lease expired and was given anew, or it was ended. Nothing we do now counts."""


class JobCancelled(Exception):
    """Somebody asked for the job to stop; whoever runs it saves what is worth keeping, and ends it."""


class TryAgain(Exception):
    """The job failed in a way that its handler foresaw, which knows best when to try again.

    It is a failure as any other: it counts, and the last one is the job's death.

    Attributes:
        after: the wait, instead of `backoff`.
    """

    def __init__(self, error: str, *, after: timedelta) -> None:
        """`error` is kept with the job and shown to its workspace."""
        super().__init__(error)
        self.after = after


class JobStatus(StrEnum):
    """Where a job is: it waits, runs, or has ended in one of three ways."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"


ENDED = frozenset({JobStatus.SUCCEEDED, JobStatus.DEAD, JobStatus.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """What a job is to do; a subclass stands in the file of the use case that does it.

    Its fields (ids, strings, numbers) are the payload.

    Attributes:
        type: `<verb>_<noun>`, stable, since it is stored.
        max_attempts: failures after which the job is dead.
    """

    type: ClassVar[str]
    max_attempts: ClassVar[int] = 5

    @property
    def workspace(self) -> WorkspaceId | None:
        """The tenant it works for; None for the system's own jobs."""
        return None

    @property
    def about(self) -> Subject | None:
        """What it works on."""
        return None

    @property
    def unique_key(self) -> str | None:
        """Of the unended jobs of a type with one key only one exists; adding another is no error and adds nothing."""
        return None

    @property
    def lane(self) -> str | None:
        """Jobs of one lane run one at a time, in the order they were added."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it is stored.

    Attributes:
        attempt: how often it was claimed. It only ever grows, and so is the fencing token.
        failures: how often it failed or lost its worker since it was added or replayed.
        progress: percent, 0 to 100. note: what it is doing, for people.
        run_at: not before then.
        schedule: the cron expression that made it, for recurring jobs.
        error: why it failed last, without internals.
        cancel_asked: whoever runs it is to stop.
    """

    id: JobId
    type: str
    payload: Mapping[str, JsonValue]
    workspace_id: WorkspaceId | None = None
    subject: Subject | None = None
    status: JobStatus = JobStatus.QUEUED
    progress: int = 0
    note: str | None = None
    attempt: int = 0
    failures: int = 0
    max_attempts: int = 5
    unique_key: str | None = None
    lane: str | None = None
    schedule: str | None = None
    run_at: datetime
    lease_until: datetime | None = None
    cancel_asked: bool = False
    error: str | None = None
    result: Mapping[str, JsonValue] | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @classmethod
    def of(
        cls,
        spec: JobSpec,
        at: datetime,
        *,
        identifier: JobId | None = None,
        run_at: datetime | None = None,
        schedule: str | None = None,
    ) -> Self:
        """A new job that does `spec`."""
        return cls(
            id=identifier or JobId(new_id(at)),
            type=spec.type,
            payload=payload_of(spec),
            workspace_id=spec.workspace,
            subject=spec.about,
            max_attempts=spec.max_attempts,
            unique_key=spec.unique_key,
            lane=spec.lane,
            schedule=schedule,
            run_at=run_at or at,
            created_at=at,
        )

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.status in ENDED

    def failed(self, error: str, at: datetime, after: timedelta | None = None) -> Self:
        """The job after one more failure: queued again after a wait, `backoff` unless given, or dead after the last."""
        failures = self.failures + 1
        if failures >= self.max_attempts:
            dead = self._end(JobStatus.DEAD, at)
            return replace(dead, failures=failures, error=error)
        run_at = at + (backoff(failures) if after is None else after)
        return replace(self, status=JobStatus.QUEUED, failures=failures, error=error, run_at=run_at, lease_until=None)

    def given_up(self, error: str, at: datetime) -> Self:
        """The job, dead at once, since no other try would go better."""
        return replace(self._end(JobStatus.DEAD, at), failures=self.failures + 1, error=error)

    def cancelled(self, at: datetime) -> Self:
        """The job, over; for one that waits, or by the one who runs it.

        Raises:
            JobEnded: it was over already.
        """
        if self.ended:
            raise JobEnded
        return self._end(JobStatus.CANCELLED, at)

    def asked_to_cancel(self, at: datetime) -> Self:
        """The job, cancelled if it waits, and marked for its worker if it runs.

        Raises:
            JobEnded: it was over already.
        """
        if self.status is JobStatus.RUNNING:
            return replace(self, cancel_asked=True)
        return self.cancelled(at)

    def replayed(self, at: datetime) -> Self:
        """The job, queued anew with all its tries.

        Raises:
            JobNotReplayable: it waits, runs or has succeeded.
        """
        if self.status not in {JobStatus.DEAD, JobStatus.CANCELLED}:
            raise JobNotReplayable
        return replace(
            self,
            status=JobStatus.QUEUED,
            failures=0,
            progress=0,
            note=None,
            cancel_asked=False,
            run_at=at,
            ended_at=None,
        )

    def doing(self, spec: JobSpec) -> Self:
        """The job, doing `spec` instead."""
        return replace(self, payload=payload_of(spec), subject=spec.about)

    def _end(self, status: JobStatus, at: datetime) -> Self:
        return replace(self, status=status, ended_at=at, lease_until=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job in the hands of one worker; valid while the stored job still has this `attempt` and is running."""

    job_id: JobId
    attempt: int
    type: str
    payload: Mapping[str, JsonValue]
    workspace_id: WorkspaceId | None


def backoff(failures: int) -> timedelta:
    """The wait before the next try: 1 s doubled with each failure up to 10 minutes, of which half is jitter.

    "Equal jitter" as in "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
    """
    ceiling = min(600, 2 ** min(failures - 1, 10))
    return timedelta(seconds=ceiling * random.uniform(0.5, 1))  # noqa: S311 (spreads load, guards nothing)


def payload_of(spec: JobSpec) -> Mapping[str, JsonValue]:
    """What is stored of what a job is to do."""
    return {field.name: json_of(getattr(spec, field.name)) for field in fields(spec)}


def job_topic(job_id: JobId) -> str:
    """What rings when the job changes."""
    return f"job:{job_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent(Event):
    """Something happened to a job."""

    job_id: JobId
    job_type: str

    @property
    def subject(self) -> Subject:
        return Subject("job", self.job_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCancelRequested(JobEvent):
    """Somebody wants it stopped; it may still end in another way."""

    type: ClassVar[str] = "job.cancel_requested"

    @property
    def topics(self) -> tuple[str, ...]:
        return (CANCELS_TOPIC,)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStopped(JobEvent):
    """It was stopped on demand."""

    type: ClassVar[str] = "job.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReplayed(JobEvent):
    """Somebody has it run again."""

    type: ClassVar[str] = "job.replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDied(JobEvent):
    """It failed too often."""

    type: ClassVar[str] = "job.died"
    failures: int


def cancel_event(
    job: Job, workspace_id: WorkspaceId, *, by: Actor, at: datetime, told_to: UserId | None = None
) -> JobCancelRequested | JobStopped:
    """What happened to a job that was just asked to stop: it has, or its worker is told."""
    kind = JobStopped if job.ended else JobCancelRequested
    return kind(workspace_id=workspace_id, actor=by, at=at, told_to=told_to, job_id=job.id, job_type=job.type)
