import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import ClassVar
from uuid import uuid4

import pytest
import structlog

from application.jobs.fail_job import FailJob
from application.ports.activity import CAUSE
from application.ports.jobs import JobProgress
from domain.ids import JobId, WorkspaceId
from domain.jobs import Claim, JobCancelled, JobStatus, LeaseLost, TryAgain
from tests.adapters.saq.conftest import Work, World, eventually, number_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(Work):
    """A job that waits for others."""

    type: ClassVar[str] = "slow"


async def nothing(_claim: Claim, _progress: JobProgress) -> None:
    """A job that is done at once."""


class Waiting:
    """A job that waits until it may end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.interrupted = asyncio.Event()
        self.runs = 0

    async def __call__(self, _claim: Claim, _progress: JobProgress) -> None:
        self.runs += 1
        self.begun.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.interrupted.set()
            raise


async def test_jobs_run_and_succeed(world: World) -> None:
    done: list[int] = []

    async def work(claim: Claim, progress: JobProgress) -> None:
        await progress.report(50, "half")
        done.append(number_of(claim))

    async with world.running(world.runner(work, concurrency=3)):
        ids = await world.add(*(Work(number=number) for number in range(50)))

        assert set(await world.ended(ids)) == {JobStatus.SUCCEEDED}
    assert sorted(done) == list(range(50))
    assert {(job.attempt, job.failures, job.progress) for job in world.jobs()} == {(1, 0, 50)}


async def test_jobs_of_a_capped_type_leave_slots_for_the_rest(world: World) -> None:
    hanging, gate = list[int](), asyncio.Event()

    async def hang(claim: Claim, _progress: JobProgress) -> None:
        hanging.append(number_of(claim))
        await gate.wait()

    async with world.running(world.runner({Slow.type: hang, Work.type: nothing}, concurrency=4, caps={Slow.type: 2})):
        slow = await world.add(*(Slow(number=number) for number in range(6)))
        await eventually(lambda: len(hanging) == 2)
        quick = await world.add(*(Work(number=number) for number in range(20)))
        assert set(await world.ended(quick)) == {JobStatus.SUCCEEDED}
        assert len(hanging) == 2
        gate.set()
        assert set(await world.ended(slow)) == {JobStatus.SUCCEEDED}


async def test_jobs_added_before_the_worker_run(world: World) -> None:
    ids = await world.add(Work())

    async with world.running(world.runner(nothing)):
        assert await world.ended(ids) == [JobStatus.SUCCEEDED]


async def test_no_more_run_at_a_time_than_may(world: World) -> None:
    running = most = 0

    async def work(_claim: Claim, _progress: JobProgress) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.002)
        running -= 1

    ids = await world.add(*(Work() for _ in range(40)))
    async with world.running(world.runner(work, concurrency=4)):
        await world.ended(ids)

    assert most == 4


async def test_several_workers_share_the_jobs_and_run_each_once(world: World) -> None:
    done: list[int] = []

    async def work(claim: Claim, _progress: JobProgress) -> None:
        await asyncio.sleep(0)
        done.append(number_of(claim))

    async with world.running(*(world.runner(work, concurrency=2) for _ in range(3))):
        await world.ended(await world.add(*(Work(number=number) for number in range(60))))

    assert sorted(done) == list(range(60))


async def test_a_job_of_a_type_without_handler_waits(world: World) -> None:
    ids = await world.add(Work())

    async with world.running(world.runner({"other": nothing})):
        await asyncio.sleep(0.1)

    assert world.job(ids[0]).status is JobStatus.QUEUED
    assert world.job(ids[0]).attempt == 0


async def test_jobs_of_a_lane_run_one_after_the_other(world: World) -> None:
    order: list[int] = []

    async def work(claim: Claim, _progress: JobProgress) -> None:
        order.append(number_of(claim))
        await asyncio.sleep(0.002)
        order.append(number_of(claim))

    async with world.running(world.runner(work), world.runner(work)):
        ids: list[JobId] = []
        for number in range(5):
            ids += await world.add(Work(number=number, in_lane="one"))
            world.clock.advance(timedelta(milliseconds=1))
        await world.ended(ids)

    assert order == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


async def test_a_failed_job_is_tried_again_and_keeps_only_the_name_of_the_error(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    failures = 0

    async def work(_claim: Claim, _progress: JobProgress) -> None:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise ZeroDivisionError("a secret")

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(work)):
        await eventually(lambda: world.job(job_id).failures == 1)
        assert world.job(job_id).error == "ZeroDivisionError"
        assert world.job(job_id).status is JobStatus.QUEUED
        world.clock.advance(timedelta(minutes=1))
        await eventually(lambda: world.job(job_id).failures == 2)
        world.clock.advance(timedelta(minutes=1))

        assert await world.ended([job_id]) == [JobStatus.SUCCEEDED]
    assert world.job(job_id).attempt == 3
    (first, _) = [record for record in caplog.records if record.message == "The job failed."]
    assert first.exc_info
    assert first.levelno == logging.ERROR


async def test_a_job_that_says_when_to_try_it_again_waits_so_long_and_keeps_what_it_said(world: World) -> None:
    tries = 0

    async def work(_claim: Claim, _progress: JobProgress) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise TryAgain("Shop is closed.", after=timedelta(hours=9))

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(work)):
        await eventually(lambda: world.job(job_id).failures == 1)
        job = world.job(job_id)
        assert (job.status, job.error) == (JobStatus.QUEUED, "Shop is closed.")
        assert job.run_at == world.clock.now() + timedelta(hours=9)
        world.clock.advance(timedelta(hours=9))

        assert await world.ended([job_id]) == [JobStatus.SUCCEEDED]


async def test_a_job_that_is_to_be_tried_again_is_dead_after_its_last_failure(world: World) -> None:
    async def work(_claim: Claim, _progress: JobProgress) -> None:
        raise TryAgain("Shop is closed.", after=timedelta(hours=9))

    (job_id,) = await world.add(Work(), max_attempts=1)
    async with world.running(world.runner(work)):
        assert await world.ended([job_id]) == [JobStatus.DEAD]
    assert world.job(job_id).error == "Shop is closed."


async def test_a_job_is_dead_after_its_last_failure(world: World) -> None:
    async def work(_claim: Claim, _progress: JobProgress) -> None:
        raise ZeroDivisionError

    (job_id,) = await world.add(Work(), max_attempts=2)
    async with world.running(world.runner(work)):
        await eventually(lambda: world.job(job_id).failures == 1)
        world.clock.advance(timedelta(minutes=1))

        assert await world.ended([job_id]) == [JobStatus.DEAD]
    assert world.job(job_id).attempt == 2


async def test_a_job_in_which_something_was_cancelled_has_failed(world: World) -> None:
    async def work(_claim: Claim, _progress: JobProgress) -> None:
        awaited = asyncio.ensure_future(asyncio.Event().wait())
        awaited.cancel()
        await awaited

    (job_id,) = await world.add(Work(), max_attempts=1)
    async with world.running(world.runner(work)):
        assert await world.ended([job_id]) == [JobStatus.DEAD]
    assert world.job(job_id).error == "CancelledError"


async def test_the_only_error_of_a_task_group_is_the_error(world: World) -> None:
    async def work(_claim: Claim, _progress: JobProgress) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_refuse())

    async def _refuse() -> None:
        raise ZeroDivisionError

    (job_id,) = await world.add(Work(), max_attempts=1)
    async with world.running(world.runner(work)):
        await world.ended([job_id])
    assert world.job(job_id).error == "ZeroDivisionError"


async def test_a_running_job_that_waits_for_something_outside_can_be_cancelled(world: World) -> None:
    begun = asyncio.Event()
    closed = asyncio.Event()

    async def outside() -> AsyncGenerator[int, None]:
        try:
            begun.set()
            await asyncio.Event().wait()
            yield 1
        finally:
            closed.set()

    async def work(_claim: Claim, progress: JobProgress) -> None:
        async for _ in progress.guard(outside()):
            pass

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(work)):
        await begun.wait()
        await world.ask_to_cancel(job_id)

        assert await world.ended([job_id]) == [JobStatus.CANCELLED]
        assert closed.is_set()
    assert world.job(job_id).failures == 0


async def test_a_job_learns_by_reporting_that_it_is_to_stop(world: World) -> None:
    saved: list[str] = []

    async def work(claim: Claim, progress: JobProgress) -> None:
        await world.ask_to_cancel(claim.job_id)
        try:
            await progress.report(1)
        except JobCancelled:
            saved.append("what was kept")
            raise

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(work)):
        assert await world.ended([job_id]) == [JobStatus.CANCELLED]
    assert saved == ["what was kept"]


async def test_a_job_that_ended_itself_as_cancelled_stays_so(world: World) -> None:
    async def work(claim: Claim, _progress: JobProgress) -> None:
        async with world.begin(claim) as unit:
            await unit.jobs.finish(claim, status=JobStatus.CANCELLED)
            await unit.commit(None)

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(work)):
        assert await world.ended([job_id]) == [JobStatus.CANCELLED]


async def test_a_job_whose_lease_was_lost_is_stopped_and_leaves_no_failure(world: World) -> None:
    waiting = Waiting()
    (job_id,) = await world.add(Work())
    async with world.running(world.runner(waiting)):
        await waiting.begun.wait()
        world.give_away(job_id)
        await waiting.interrupted.wait()

    job = world.job(job_id)
    assert (job.status, job.attempt, job.failures) == (JobStatus.RUNNING, 2, 0)


async def test_a_job_that_ended_itself_may_go_on_telling_of_it(world: World) -> None:
    told = asyncio.Event()

    async def work(claim: Claim, _progress: JobProgress) -> None:
        async with world.begin(claim) as unit:
            await unit.jobs.finish(claim)
            await unit.commit(None)
        await asyncio.sleep(1.3)  # the leases are extended once a second
        told.set()

    ids = await world.add(Work())
    async with world.running(world.runner(work)):
        await world.ended(ids)
        await told.wait()


async def test_a_lost_lease_is_no_error(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async def work(_claim: Claim, _progress: JobProgress) -> None:
        raise LeaseLost

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(work, concurrency=1)):
        await eventually(lambda: "The job is not ours any more." in caplog.messages or world.job(job_id).attempt > 0)
        await asyncio.sleep(0.05)

    assert world.job(job_id).failures == 0
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_stopping_lets_jobs_end_within_the_grace_time(world: World) -> None:
    waiting = Waiting()
    (job_id,) = await world.add(Work())
    stop = asyncio.Event()
    running = asyncio.create_task(world.runner(waiting, grace=timedelta(seconds=20)).run(stop))
    await waiting.begun.wait()
    stop.set()
    (late,) = await world.add(Work())
    await asyncio.sleep(0.05)
    waiting.may_end.set()
    await running

    assert world.job(job_id).status is JobStatus.SUCCEEDED
    assert world.job(late).attempt == 0


async def test_stopping_puts_back_what_does_not_end_and_counts_no_failure(world: World) -> None:
    waiting = Waiting()
    ids = await world.add(*(Work() for _ in range(5)))
    async with world.running(world.runner(waiting, concurrency=3)):
        await eventually(lambda: waiting.runs == 3)

    assert waiting.interrupted.is_set()
    assert {(job.status, job.failures) for job in map(world.job, ids)} == {(JobStatus.QUEUED, 0)}
    assert sorted(job.attempt for job in map(world.job, ids)) == [0, 0, 1, 1, 1]


async def test_a_job_that_was_put_back_is_run_by_the_next_worker(world: World) -> None:
    waiting = Waiting()
    ids = await world.add(Work())
    async with world.running(world.runner(waiting)):
        await waiting.begun.wait()
    async with world.running(world.runner(nothing)):
        assert await world.ended(ids) == [JobStatus.SUCCEEDED]
    assert world.job(ids[0]).attempt == 2


async def test_a_job_whose_worker_was_lost_is_run_again(world: World) -> None:
    (job_id,) = await world.add(Work())
    (lost,) = await world.queue.claim([Work.type], 1, timedelta(seconds=30))
    async with world.running(world.runner(nothing)):
        world.clock.advance(timedelta(seconds=31))

        assert await world.ended([job_id]) == [JobStatus.SUCCEEDED]
    assert (world.job(job_id).attempt, world.job(job_id).failures, lost.attempt) == (2, 1, 1)


async def test_a_job_that_lost_its_worker_once_too_often_is_dead(world: World) -> None:
    (job_id,) = await world.add(Work(), max_attempts=1)
    await world.queue.claim([Work.type], 1, timedelta(seconds=30))
    async with world.running(world.runner(nothing), world.runner(nothing)):
        world.clock.advance(timedelta(seconds=31))

        assert await world.ended([job_id]) == [JobStatus.DEAD]
    assert world.job(job_id).error == "The worker was lost."


async def test_lost_jobs_do_not_wait_behind_one_that_cannot_be_ended(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    poison, *others = await world.add(*(Work() for _ in range(3)), max_attempts=1)
    fail = FailJob(world.begin, {}, world.clock)

    async def on_failure(claim: Claim, error: str) -> None:
        if claim.job_id == poison:
            raise ZeroDivisionError
        await fail(claim, error)

    await world.queue.claim([Work.type], 3, timedelta(seconds=30))
    async with world.running(world.runner(nothing, on_failure=on_failure)):
        world.clock.advance(timedelta(seconds=31))

        assert await world.ended(others) == [JobStatus.DEAD, JobStatus.DEAD]
    assert world.job(poison).status is JobStatus.RUNNING
    told = [record for record in caplog.records if record.message.startswith("Ending the lost job")]
    assert [str(poison) in record.message for record in told] == [True]


async def test_a_job_is_the_cause_of_what_it_commits_and_of_its_death(world: World) -> None:
    workspace = WorkspaceId(uuid4())
    causes: list[str | None] = []

    async def work(_claim: Claim, _progress: JobProgress) -> None:
        causes.append(CAUSE.get())
        raise ZeroDivisionError

    (lost,) = await world.add(Work(of=workspace), max_attempts=1)
    await world.queue.claim([Work.type], 1, timedelta(seconds=30))
    (failed,) = await world.add(Work(of=workspace), max_attempts=1)
    async with world.running(world.runner(work)):
        world.clock.advance(timedelta(seconds=31))
        await world.ended([lost, failed])

    assert causes == [str(failed)]
    told = {(event.type, event.subject.id, event.causation_id) for event in world.store.activity[workspace]}
    assert told == {("job.died", job_id, str(job_id)) for job_id in (lost, failed)}


async def test_the_leases_of_running_jobs_are_extended(world: World) -> None:
    waiting = Waiting()
    (job_id,) = await world.add(Work())
    async with world.running(world.runner(waiting)):
        await waiting.begun.wait()
        for _ in range(3):
            until = world.clock.advance(timedelta(seconds=20)) + timedelta(seconds=30)
            await eventually(partial(world.is_leased_until, job_id, until))
        waiting.may_end.set()

        assert await world.ended([job_id]) == [JobStatus.SUCCEEDED]
    assert world.job(job_id).attempt == 1


async def test_a_job_that_a_unit_has_locked_keeps_running_and_no_other_waits_for_it(world: World) -> None:
    waiting = Waiting()
    locked, other = await world.add(Work(number=1), Work(number=2))
    until = world.clock.now()
    async with world.running(world.runner(waiting)):
        await eventually(lambda: all(world.job(job_id).status is JobStatus.RUNNING for job_id in (locked, other)))
        async with world.begin() as work:
            await work.jobs.lock(locked)
            for _ in range(2):  # looks, seconds apart: who is taken for lost is stopped after two
                until = world.clock.advance(timedelta(seconds=5)) + timedelta(seconds=30)
                await eventually(partial(world.is_leased_until, other, until))
            assert not world.is_leased_until(locked, until)
        await eventually(partial(world.is_leased_until, locked, until))
        waiting.may_end.set()

        assert await world.ended([locked, other]) == [JobStatus.SUCCEEDED] * 2
    assert [world.job(job_id).attempt for job_id in (locked, other)] == [1, 1]


async def test_a_lease_is_extended_also_where_one_unit_that_locks_the_job_follows_the_other(world: World) -> None:
    over = asyncio.Event()

    async def work(claim: Claim, progress: JobProgress) -> None:
        while not over.is_set():
            async with world.begin() as unit:
                await unit.jobs.held(claim)
                await asyncio.sleep(0.01)
            await asyncio.sleep(0)  # who waits for the lock has it in between, as in a real store
            await progress.report(50)

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(work)):
        for _ in range(3):
            until = world.clock.advance(timedelta(seconds=20)) + timedelta(seconds=30)
            await eventually(partial(world.is_leased_until, job_id, until))
        over.set()

        assert await world.ended([job_id]) == [JobStatus.SUCCEEDED]
    assert world.job(job_id).attempt == 1


async def test_a_worker_is_present_while_it_runs(world: World) -> None:
    async with world.running(world.runner(nothing, name="a worker")):
        await eventually(lambda: "a worker" in world.store.workers)

    assert world.store.workers == {}


async def test_what_a_job_logs_names_it(world: World) -> None:
    bound: list[dict[str, object]] = []

    async def work(_claim: Claim, _progress: JobProgress) -> None:
        bound.append(structlog.contextvars.get_contextvars())

    (job_id,) = await world.add(Work())
    async with world.running(world.runner(work)):
        await world.ended([job_id])

    assert bound == [{"job_id": str(job_id), "job_type": "work"}]
