from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from domain.actors import SYSTEM, Subject
from domain.ids import JobId, WorkspaceId
from domain.jobs import (
    CANCELS_TOPIC,
    ENDED,
    Job,
    JobCancelRequested,
    JobDied,
    JobEnded,
    JobNotReplayable,
    JobReplayed,
    JobSpec,
    JobStatus,
    backoff,
    job_topic,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORKSPACE = WorkspaceId(uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Knit(JobSpec):
    type: ClassVar[str] = "knit_socks"
    pair_id: UUID
    colour: object = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnitForTenant(Knit):
    max_attempts: ClassVar[int] = 2

    @property
    @override
    def workspace(self) -> WorkspaceId | None:
        return WORKSPACE

    @property
    @override
    def about(self) -> Subject | None:
        return Subject("pair", self.pair_id)

    @property
    @override
    def unique_key(self) -> str | None:
        return str(self.pair_id)

    @property
    @override
    def lane(self) -> str | None:
        return "needles"


def a_job(status: JobStatus = JobStatus.QUEUED, **fields: int) -> Job:
    ended_at = AT if status in ENDED else None
    return replace(Job.of(Knit(pair_id=uuid4()), AT), status=status, ended_at=ended_at, **fields)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_a_spec_without_more_is_the_systems_and_free_to_run_at_any_time() -> None:
    spec = Knit(pair_id=UUID(int=1))
    job = Job.of(spec, AT)
    assert job.payload == {"pair_id": str(UUID(int=1)), "colour": "blue"}
    assert (job.type, job.status, job.max_attempts, job.run_at, job.created_at) == (
        "knit_socks",
        JobStatus.QUEUED,
        5,
        AT,
        AT,
    )
    assert (job.workspace_id, job.subject, job.unique_key, job.lane, job.schedule) == (None, None, None, None, None)


def test_a_spec_says_whose_it_is_and_what_it_waits_for() -> None:
    spec = KnitForTenant(pair_id=UUID(int=1))
    identifier = JobId(uuid4())
    job = Job.of(spec, AT, identifier=identifier, run_at=AT + HOUR, schedule="0 * * * *")
    assert (job.id, job.run_at, job.schedule, job.max_attempts) == (identifier, AT + HOUR, "0 * * * *", 2)
    assert (job.workspace_id, job.subject) == (WORKSPACE, Subject("pair", UUID(int=1)))
    assert (job.unique_key, job.lane) == (str(UUID(int=1)), "needles")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (AT, "2026-03-02T09:00:00Z"),
        (3, 3),
        (0.5, 0.5),
        (None, None),
        (True, True),
        ({"a": (AT,)}, {"a": ["2026-03-02T09:00:00Z"]}),
    ],
)
def test_a_payload_is_json(value: object, stored: object) -> None:
    assert Job.of(Knit(pair_id=UUID(int=1), colour=value), AT).payload["colour"] == stored


def test_what_is_not_json_cannot_be_a_payload() -> None:
    with pytest.raises(TypeError, match="bytes"):
        Job.of(Knit(pair_id=UUID(int=1), colour=b"blue"), AT)


def test_a_failed_job_waits_longer_each_time_and_then_dies() -> None:
    job = a_job(JobStatus.RUNNING, max_attempts=3, attempt=7)
    first = replace(job, lease_until=AT).failed("It broke.", AT)
    assert (first.status, first.failures, first.error, first.lease_until) == (JobStatus.QUEUED, 1, "It broke.", None)
    assert AT + timedelta(seconds=0.5) <= first.run_at <= AT + timedelta(seconds=1)
    second = first.failed("Again.", AT)
    assert AT + timedelta(seconds=1) <= second.run_at <= AT + timedelta(seconds=2)
    dead = second.failed("For good.", AT + HOUR)
    assert (dead.status, dead.failures, dead.error) == (JobStatus.DEAD, 3, "For good.")
    assert (dead.ended_at, dead.attempt, dead.ended) == (AT + HOUR, 7, True)


@given(st.integers(1, 10_000))
def test_back_off_doubles_up_to_ten_minutes(failures: int) -> None:
    ceiling = min(600.0, 2.0 ** min(failures - 1, 20))
    assert ceiling / 2 <= backoff(failures).total_seconds() <= ceiling


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked() -> None:
    assert a_job().asked_to_cancel(AT).status is JobStatus.CANCELLED
    asked = a_job(JobStatus.RUNNING).asked_to_cancel(AT)
    assert (asked.status, asked.cancel_asked, asked.ended_at) == (JobStatus.RUNNING, True, None)
    assert asked.cancelled(AT).status is JobStatus.CANCELLED


@pytest.mark.parametrize("status", sorted(ENDED))
def test_an_ended_job_cannot_be_cancelled(status: JobStatus) -> None:
    with pytest.raises(JobEnded):
        a_job(status).cancelled(AT)
    with pytest.raises(JobEnded):
        a_job(status).asked_to_cancel(AT)


@pytest.mark.parametrize("status", [JobStatus.DEAD, JobStatus.CANCELLED])
def test_a_replayed_job_has_all_its_tries_and_keeps_its_attempt(status: JobStatus) -> None:
    ended = replace(a_job(status, failures=5, attempt=9, progress=40), note="half", cancel_asked=True)
    replayed = ended.replayed(AT + HOUR)
    assert (replayed.status, replayed.failures, replayed.attempt, replayed.progress) == (JobStatus.QUEUED, 0, 9, 0)
    assert (replayed.note, replayed.cancel_asked, replayed.run_at, replayed.ended_at) == (None, False, AT + HOUR, None)


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.SUCCEEDED])
def test_no_other_job_is_replayed(status: JobStatus) -> None:
    with pytest.raises(JobNotReplayable):
        a_job(status).replayed(AT)


def test_events_of_a_job_name_it() -> None:
    identifier = JobId(UUID(int=5))
    common = {"workspace_id": WORKSPACE, "actor": SYSTEM, "at": AT, "job_id": identifier, "job_type": "knit_socks"}
    asked = JobCancelRequested(**common)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert asked.subject == Subject("job", identifier)
    assert asked.topics == (CANCELS_TOPIC,)
    assert JobReplayed(**common).type == "job.replayed"  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    died = JobDied(**common, failures=5)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert died.data == {"job_id": str(identifier), "job_type": "knit_socks", "failures": 5}
    assert job_topic(identifier) == f"job:{identifier}"
