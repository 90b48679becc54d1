import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from application.ports.jobs import JobView
from domain.actors import Subject
from domain.errors import NotFound
from domain.ids import JobId
from domain.jobs import JOBS_TOPIC, Claim, Job, JobNotReplayable, JobStatus, LeaseLost, job_topic
from domain.pages import InvalidCursor, encode_cursor
from tests.contracts.examples import (
    LEASE,
    RUN_OUT,
    a_job,
    a_tenant,
    a_type,
    add_jobs,
    claim_one,
    later,
    refused,
    stored_job,
)
from tests.contracts.stores import Stores

DAY = timedelta(days=1)
NAIVE = encode_cursor("2026-03-02T09:00:00", "0" * 32)


async def _finish(stores: Stores, claim: Claim, status: JobStatus = JobStatus.SUCCEEDED) -> None:
    async with stores.begin() as work:
        await work.jobs.finish(claim, status=status)
        await work.commit(None)


def _ids(claims: Sequence[Claim]) -> list[JobId]:
    return [claim.job_id for claim in claims]


class JobsContract:
    """Every `Jobs`."""

    async def test_those_that_wait_or_run_are_found_by_their_workspace_and_locked(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        waiting, running, ended = jobs = [a_job(stores, tenant.id) for _ in range(3)]
        await add_jobs(stores, *jobs, a_job(stores, other.id), a_job(stores, None))
        await claim_one(stores, running)
        await _finish(stores, await claim_one(stores, ended))
        async with stores.begin() as work:
            found = await work.jobs.unended(tenant.id)
            assert {job.id: job.status for job in found} == {
                waiting.id: JobStatus.QUEUED,
                running.id: JobStatus.RUNNING,
            }
            assert list(await stores.queue.claim([waiting.type], 1, LEASE)) == []
        assert [claim.job_id for claim in await stores.queue.claim([waiting.type], 1, LEASE)] == [waiting.id]

    async def test_a_job_is_stored_as_it_was(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        subject = Subject("run", uuid4())
        full = a_job(
            stores,
            tenant.id,
            subject=subject,
            unique_key="key é",
            lane=str(uuid4()),
            max_attempts=3,
            schedule="*/5 * * * *",
            run_at=stores.clock.now() + DAY,
        )
        system = a_job(stores, None, payload={})
        await add_jobs(stores, full, system)
        async with stores.begin() as work:
            assert await work.jobs.get(full.id) == full
            assert await work.jobs.lock(system.id) == system

    async def test_an_unknown_job_is_not_found(self, stores: Stores) -> None:
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.jobs.get(JobId(uuid4()))
            with pytest.raises(NotFound):
                await work.jobs.lock(JobId(uuid4()))

    async def test_of_unended_jobs_with_one_type_and_unique_key_only_the_first_exists(self, stores: Stores) -> None:
        first = a_job(stores, None, unique_key="nightly")
        second = a_job(stores, None, type=first.type, unique_key="nightly")
        other_type = a_job(stores, None, unique_key="nightly")
        other_key = a_job(stores, None, type=first.type, unique_key="hourly")
        keyless = [a_job(stores, None, type=first.type) for _ in range(2)]
        await add_jobs(stores, first)
        await add_jobs(stores, second, other_type, other_key, *keyless)
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.jobs.get(second.id)
            for job in (first, other_type, other_key, *keyless):
                assert await work.jobs.get(job.id) == job

    async def test_a_unique_key_is_free_again_when_its_job_has_ended(self, stores: Stores) -> None:
        first = a_job(stores, None, unique_key="nightly")
        second = a_job(stores, None, type=first.type, unique_key="nightly")
        await add_jobs(stores, first)
        await _finish(stores, await claim_one(stores, first))
        await add_jobs(stores, second)
        assert await stored_job(stores, second) == second

    async def test_of_ten_added_at_once_with_one_unique_key_one_exists(self, stores: Stores) -> None:
        type_ = a_type()
        jobs = [a_job(stores, None, type=type_, unique_key="nightly") for _ in range(10)]
        await asyncio.gather(*(add_jobs(stores, job) for job in jobs))
        assert len(await stores.queue.claim([type_], 10, LEASE)) == 1

    async def test_those_who_lock_a_job_wait_and_see_what_the_one_before_has_done(self, stores: Stores) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)

        async def count() -> None:
            async with stores.begin() as work:
                locked = await work.jobs.lock(job.id)
                await work.jobs.save(replace(locked, progress=locked.progress + 1))
                await work.commit(None)

        await asyncio.gather(*(count() for _ in range(8)))
        assert (await stored_job(stores, job)).progress == 8

    async def test_a_saved_job_is_replaced(self, stores: Stores) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)
        async with stores.begin() as work:
            failed = (await work.jobs.lock(job.id)).failed("It broke.", later(stores))
            await work.jobs.save(replace(failed, progress=40, note="half", cancel_asked=True))
            await work.commit(None)
        assert await stored_job(stores, job) == replace(failed, progress=40, note="half", cancel_asked=True)

    async def test_a_saved_job_may_have_another_payload_and_subject(self, stores: Stores) -> None:
        job = a_job(stores, None, subject=Subject("run", uuid4()))
        await add_jobs(stores, job)
        pointed = replace(job, payload={"run_id": str(uuid4())}, subject=Subject("run", uuid4()))
        async with stores.begin() as work:
            await work.jobs.lock(job.id)
            await work.jobs.save(pointed)
            await work.commit(None)
        assert await stored_job(stores, job) == pointed
        assert (await claim_one(stores, job)).payload == pointed.payload

    async def test_a_job_is_saved_with_the_event_that_says_why(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        async with stores.begin() as work:
            cancelled = (await work.jobs.lock(job.id)).cancelled(later(stores))
            await work.jobs.save(cancelled, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert await stored_job(stores, job) == cancelled
        assert await stores.activity.head(tenant.id) == 2

    async def test_a_job_is_not_queued_anew_beside_another_with_its_unique_key(self, stores: Stores) -> None:
        first = a_job(stores, None, unique_key="nightly")
        await add_jobs(stores, first)
        await _finish(stores, await claim_one(stores, first), JobStatus.DEAD)
        await add_jobs(stores, a_job(stores, None, type=first.type, unique_key="nightly"))
        async with refused(stores, JobNotReplayable) as work:
            await work.jobs.save((await work.jobs.lock(first.id)).replayed(later(stores)))

    async def test_a_claim_that_holds_gives_its_job(self, stores: Stores) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        async with stores.begin() as work:
            held = await work.jobs.held(claim)
        assert (held.id, held.status, held.attempt) == (job.id, JobStatus.RUNNING, 1)

    async def test_a_claim_is_lost_when_the_job_was_given_anew_queued_or_ended(self, stores: Stores) -> None:
        again, queued, ended = (a_job(stores, None) for _ in range(3))
        await add_jobs(stores, again, queued, ended)
        old = await claim_one(stores, again)
        await stores.queue.release([old])
        await claim_one(stores, again)
        released = await claim_one(stores, queued)
        await stores.queue.release([released])
        finished = await claim_one(stores, ended)
        await _finish(stores, finished)
        never = replace(old, job_id=JobId(uuid4()))
        async with stores.begin() as work:
            for claim in (old, released, finished, never):
                with pytest.raises(LeaseLost):
                    await work.jobs.held(claim)
                with pytest.raises(LeaseLost):
                    await work.jobs.finish(claim)

    @pytest.mark.parametrize("status", [JobStatus.SUCCEEDED, JobStatus.DEAD, JobStatus.CANCELLED])
    async def test_finishing_ends_the_job(self, stores: Stores, status: JobStatus) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        async with stores.begin() as work:
            await work.jobs.finish(claim, {"count": 1, "names": ["é"]}, status)
            await work.commit(None)
        ended = await stored_job(stores, job)
        assert (ended.status, ended.result) == (status, {"count": 1, "names": ["é"]})
        assert (ended.attempt, ended.lease_until) == (1, None)
        assert ended.ended_at is not None

    async def test_a_finish_that_was_undone_leaves_the_job_running(self, stores: Stores) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        async with stores.begin() as work:
            await work.jobs.finish(claim)
        async with stores.begin() as work:
            assert (await work.jobs.held(claim)).status is JobStatus.RUNNING


class JobQueueContract:
    """Every `JobQueue`."""

    async def test_a_due_job_is_claimed_with_all_that_its_worker_needs(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        assert await claim_one(stores, job) == Claim(
            job_id=job.id, attempt=1, type=job.type, payload=job.payload, workspace_id=tenant.id
        )
        claimed = await stored_job(stores, job)
        assert (claimed.status, claimed.attempt, claimed.failures) == (JobStatus.RUNNING, 1, 0)
        assert claimed.started_at is not None
        assert claimed.lease_until is not None

    async def test_only_jobs_of_the_types_asked_for_are_claimed(self, stores: Stores) -> None:
        jobs = [a_job(stores, None) for _ in range(3)]
        await add_jobs(stores, *jobs)
        claims = await stores.queue.claim([jobs[0].type, jobs[2].type], 10, LEASE)
        assert _ids(claims) == [jobs[0].id, jobs[2].id]
        assert list(await stores.queue.claim([], 10, LEASE)) == []

    async def test_the_longest_due_come_first_and_no_more_than_asked_for(self, stores: Stores) -> None:
        type_ = a_type()
        now = stores.clock.now()
        jobs = [a_job(stores, None, type=type_, run_at=now - timedelta(minutes=age)) for age in (1, 3, 2)]
        await add_jobs(stores, *jobs)
        assert _ids(await stores.queue.claim([type_], 2, LEASE)) == [jobs[1].id, jobs[2].id]
        assert _ids(await stores.queue.claim([type_], 2, LEASE)) == [jobs[0].id]

    async def test_a_job_is_not_claimed_before_its_time(self, stores: Stores) -> None:
        job = a_job(stores, None, run_at=stores.clock.now() + DAY)
        await add_jobs(stores, job)
        assert list(await stores.queue.claim([job.type], 10, LEASE)) == []

    async def test_a_job_that_was_not_committed_is_not_claimed(self, stores: Stores) -> None:
        job = a_job(stores, None)
        async with stores.begin() as work:
            await work.jobs.add(job)
            assert list(await stores.queue.claim([job.type], 10, LEASE)) == []

    async def test_each_job_is_given_to_one_caller_only(self, stores: Stores) -> None:
        type_ = a_type()
        jobs = [a_job(stores, None, type=type_) for _ in range(30)]
        await add_jobs(stores, *jobs)
        given = await asyncio.gather(*(stores.queue.claim([type_], 4, LEASE) for _ in range(10)))
        taken = [job_id for claims in given for job_id in _ids(claims)]
        assert len(taken) == len(set(taken))
        rest = [job_id for _ in range(10) for job_id in _ids(await stores.queue.claim([type_], 4, LEASE))]
        assert sorted([*taken, *rest]) == sorted(job.id for job in jobs)

    async def test_a_running_or_ended_job_is_not_claimed(self, stores: Stores) -> None:
        type_ = a_type()
        jobs = [a_job(stores, None, type=type_) for _ in range(3)]
        await add_jobs(stores, *jobs)
        claims = await stores.queue.claim([type_], 3, LEASE)
        await _finish(stores, claims[0])
        await _finish(stores, claims[1], JobStatus.DEAD)
        assert list(await stores.queue.claim([type_], 10, LEASE)) == []

    async def test_a_claim_passes_over_what_a_unit_is_changing(self, stores: Stores) -> None:
        type_ = a_type()
        jobs = [a_job(stores, None, type=type_) for _ in range(2)]
        await add_jobs(stores, *jobs)
        async with stores.begin() as work, asyncio.timeout(10):
            await work.jobs.lock(jobs[0].id)
            assert _ids(await stores.queue.claim([type_], 10, LEASE)) == [jobs[1].id]

    async def test_jobs_of_a_lane_run_one_at_a_time_in_the_order_they_were_added(self, stores: Stores) -> None:
        type_, lane = a_type(), str(uuid4())
        jobs = [a_job(stores, None, type=type_, lane=lane) for _ in range(3)]
        other = a_job(stores, None, type=type_, lane=str(uuid4()))
        await add_jobs(stores, *jobs, other)
        (first, _) = claims = await stores.queue.claim([type_], 10, LEASE)
        assert _ids(claims) == [jobs[0].id, other.id]
        assert list(await stores.queue.claim([type_], 10, LEASE)) == []
        await _finish(stores, first)
        (second,) = await stores.queue.claim([type_], 10, LEASE)
        assert second.job_id == jobs[1].id
        await _finish(stores, second, JobStatus.CANCELLED)
        assert _ids(await stores.queue.claim([type_], 10, LEASE)) == [jobs[2].id]

    async def test_a_lane_waits_for_its_first_job_also_while_that_backs_off(self, stores: Stores) -> None:
        type_, lane = a_type(), str(uuid4())
        first = a_job(stores, None, type=type_, lane=lane, run_at=stores.clock.now() + DAY)
        await add_jobs(stores, first, a_job(stores, None, type=type_, lane=lane))
        assert list(await stores.queue.claim([type_], 10, LEASE)) == []

    async def test_of_callers_at_once_one_gets_the_first_job_of_a_lane(self, stores: Stores) -> None:
        type_, lane = a_type(), str(uuid4())
        jobs = [a_job(stores, None, type=type_, lane=lane) for _ in range(5)]
        await add_jobs(stores, *jobs)
        given = await asyncio.gather(*(stores.queue.claim([type_], 5, LEASE) for _ in range(8)))
        assert [job_id for claims in given for job_id in _ids(claims)] == [jobs[0].id]

    async def test_extending_keeps_those_that_hold_and_names_those_to_cancel(self, stores: Stores) -> None:
        type_ = a_type()
        jobs = [a_job(stores, None, type=type_) for _ in range(4)]
        await add_jobs(stores, *jobs)
        holds, wanted, ended, anew = await stores.queue.claim([type_], 4, RUN_OUT)
        async with stores.begin() as work:
            await work.jobs.save((await work.jobs.lock(wanted.job_id)).asked_to_cancel(later(stores)))
            await work.commit(None)
        await _finish(stores, ended)
        await stores.queue.release([anew])
        await stores.queue.claim([type_], 1, LEASE)
        held = await stores.queue.extend([holds, wanted, ended, anew], LEASE)
        assert held.ids == {holds.job_id, wanted.job_id}
        assert held.cancelled == {wanted.job_id}
        await stores.queue.expire()
        assert list(await stores.queue.claim([type_], 10, LEASE)) == []
        nothing = await stores.queue.extend([], LEASE)
        assert (nothing.ids, nothing.busy, nothing.cancelled) == (frozenset(), frozenset(), frozenset())

    async def test_extending_waits_for_no_unit_and_tells_whose_job_one_has_locked(self, stores: Stores) -> None:
        type_ = a_type()
        await add_jobs(stores, *(a_job(stores, None, type=type_) for _ in range(3)))
        first, locked, last = await stores.queue.claim([type_], 3, RUN_OUT)
        async with stores.begin() as work:
            await work.jobs.save((await work.jobs.lock(locked.job_id)).asked_to_cancel(later(stores)))
            async with asyncio.timeout(5):
                held = await stores.queue.extend([first, locked, last], LEASE)
                await stores.queue.expire()
            assert held.ids == {first.job_id, last.job_id}
            assert held.busy == {locked.job_id}
            assert held.cancelled == set()
            await work.commit(None)
        held = await stores.queue.extend([first, locked, last], LEASE)
        assert held.ids == {first.job_id, locked.job_id, last.job_id}
        assert held.busy == set()
        assert held.cancelled == {locked.job_id}

    async def test_a_lease_is_extended_once_the_unit_that_has_its_job_locked_lets_go(self, stores: Stores) -> None:
        type_ = a_type()
        await add_jobs(stores, *(a_job(stores, None, type=type_) for _ in range(2)))
        claim, ended = await stores.queue.claim([type_], 2, RUN_OUT)
        async with stores.begin() as work:
            await work.jobs.save((await work.jobs.lock(claim.job_id)).asked_to_cancel(later(stores)))
            extending = asyncio.create_task(stores.queue.extend_when_free(claim, LEASE))
            done, _ = await asyncio.wait([extending], timeout=0.1)
            assert not done
            await work.commit(None)
        held = await extending
        assert held.ids == held.cancelled == {claim.job_id}
        assert held.busy == set()
        await _finish(stores, ended)
        assert (await stores.queue.extend_when_free(ended, LEASE)).ids == set()
        await stores.queue.expire()
        assert list(await stores.queue.claim([type_], 10, LEASE)) == []

    async def test_a_job_whose_lease_ran_out_runs_again_at_once_with_one_more_failure(self, stores: Stores) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)
        first = await claim_one(stores, job, RUN_OUT)
        await stores.queue.expire()
        again = await stored_job(stores, job)
        assert (again.status, again.failures, again.attempt) == (JobStatus.QUEUED, 1, 1)
        assert (await claim_one(stores, job)).attempt == first.attempt + 1

    async def test_a_lease_that_runs_is_left_alone(self, stores: Stores) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job, LEASE)
        await stores.queue.expire()
        async with stores.begin() as work:
            assert (await work.jobs.held(claim)).failures == 0

    async def test_a_job_with_no_failure_left_is_handed_to_the_caller_until_it_is_ended(self, stores: Stores) -> None:
        job = a_job(stores, None, max_attempts=2)
        await add_jobs(stores, job)
        await claim_one(stores, job, RUN_OUT)
        assert job.id not in _ids(await stores.queue.expire())
        last = await claim_one(stores, job, RUN_OUT)
        for _ in range(2):
            assert [claim for claim in await stores.queue.expire() if claim.job_id == job.id] == [last]
        async with stores.begin() as work:
            dead = (await work.jobs.held(last)).failed("It stopped.", later(stores))
            await work.jobs.save(dead)
            await work.commit(None)
        assert dead.status is JobStatus.DEAD
        assert job.id not in _ids(await stores.queue.expire())

    async def test_a_released_job_waits_again_with_no_failure_counted(self, stores: Stores) -> None:
        type_ = a_type()
        jobs = [a_job(stores, None, type=type_) for _ in range(2)]
        await add_jobs(stores, *jobs)
        kept, ended = await stores.queue.claim([type_], 2, LEASE)
        await _finish(stores, ended)
        await stores.queue.release([kept, ended])
        released = await stored_job(stores, jobs[0])
        assert (released.status, released.failures, released.attempt) == (JobStatus.QUEUED, 0, 1)
        assert (await stored_job(stores, jobs[1])).status is JobStatus.SUCCEEDED
        (again,) = await stores.queue.claim([type_], 10, LEASE)
        assert (again.job_id, again.attempt) == (kept.job_id, 2)
        await stores.queue.release([kept])
        assert (await stored_job(stores, jobs[0])).status is JobStatus.RUNNING

    async def test_reported_progress_is_stored_and_rings(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        stores.bell.rung.clear()
        assert await stores.queue.report(claim, 40, "reading é") is False
        view = await stores.jobs.job(job.id)
        assert view is not None
        assert (view.progress, view.note) == (40, "reading é")
        assert job_topic(job.id) in stores.bell.rung

    async def test_a_report_says_when_the_job_is_to_be_cancelled(self, stores: Stores) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        async with stores.begin() as work:
            await work.jobs.save((await work.jobs.lock(job.id)).asked_to_cancel(later(stores)))
            await work.commit(None)
        assert await stores.queue.report(claim, 41, None) is True

    async def test_a_report_for_a_lost_claim_changes_nothing(self, stores: Stores) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        await stores.queue.release([claim])
        with pytest.raises(LeaseLost):
            await stores.queue.report(claim, 99, "late")
        assert (await stored_job(stores, job)).progress == 0

    async def test_jobs_finished_at_once_have_all_succeeded_and_each_rings(self, stores: Stores) -> None:
        type_ = a_type()
        jobs = [a_job(stores, None, type=type_) for _ in range(5)]
        await add_jobs(stores, *jobs)
        claims = await stores.queue.claim([type_], 5, LEASE)
        stores.bell.rung.clear()
        await asyncio.gather(*map(stores.queue.finish, claims))
        ended = [await stored_job(stores, job) for job in jobs]
        assert {(job.status, job.result, job.lease_until) for job in ended} == {(JobStatus.SUCCEEDED, None, None)}
        assert all(job.ended_at for job in ended)
        assert sorted(stores.bell.rung) == sorted(job_topic(job.id) for job in jobs)

    async def test_finishing_a_job_of_a_lane_rings_for_the_next(self, stores: Stores) -> None:
        jobs = [a_job(stores, None, lane="lane") for _ in range(2)]
        await add_jobs(stores, *jobs)
        claim = await claim_one(stores, jobs[0])
        stores.bell.rung.clear()
        await stores.queue.finish(claim)
        assert set(stores.bell.rung) == {JOBS_TOPIC, job_topic(jobs[0].id)}

    async def test_finishing_leaves_alone_what_its_unit_has_ended_and_what_somebody_else_has(
        self, stores: Stores
    ) -> None:
        type_ = a_type()
        jobs = [a_job(stores, None, type=type_) for _ in range(3)]
        await add_jobs(stores, *jobs)
        ended, lost, held = await stores.queue.claim([type_], 3, LEASE)
        await _finish(stores, ended, JobStatus.CANCELLED)
        await stores.queue.release([lost])
        await stores.queue.claim([type_], 1, LEASE)
        before = [await stored_job(stores, job) for job in jobs[:2]]
        await asyncio.gather(*map(stores.queue.finish, [ended, lost, held]))
        assert [await stored_job(stores, job) for job in jobs[:2]] == before
        assert (await stored_job(stores, jobs[2])).status is JobStatus.SUCCEEDED

    async def test_one_who_stops_waiting_for_a_finish_leaves_the_others_their_own(self, stores: Stores) -> None:
        type_ = a_type()
        jobs = [a_job(stores, None, type=type_) for _ in range(4)]
        await add_jobs(stores, *jobs)
        first, *others = [
            asyncio.create_task(stores.queue.finish(claim)) for claim in await stores.queue.claim([type_], 4, LEASE)
        ]
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(*others)
        ended = [await stored_job(stores, job) for job in jobs[1:]]
        assert {job.status for job in ended} == {JobStatus.SUCCEEDED}

    async def test_a_replayed_job_keeps_counting_its_attempts(self, stores: Stores) -> None:
        job = a_job(stores, None, max_attempts=1)
        await add_jobs(stores, job)
        await _finish(stores, await claim_one(stores, job), JobStatus.DEAD)
        async with stores.begin() as work:
            await work.jobs.save((await work.jobs.lock(job.id)).replayed(later(stores)))
            await work.commit(None)
        assert (await claim_one(stores, job)).attempt == 2

    async def test_jobs_of_a_type_that_succeeded_are_forgotten_and_no_others(self, stores: Stores) -> None:
        old = a_job(stores, None)
        like = {"type": old.type}
        dead, queued = a_job(stores, None, **like), a_job(stores, None, **like)
        others = a_job(stores, (await a_tenant(stores)).id, **like), a_job(stores, None)
        for job, status in ((old, JobStatus.SUCCEEDED), (dead, JobStatus.DEAD)):
            await add_jobs(stores, job)
            await _finish(stores, await claim_one(stores, job), status)
        for job in others:
            await add_jobs(stores, job)
            await _finish(stores, await claim_one(stores, job), JobStatus.SUCCEEDED)
        young = a_job(stores, None, **like)
        await add_jobs(stores, young)
        await _finish(stores, await claim_one(stores, young), JobStatus.SUCCEEDED)
        await add_jobs(stores, queued)

        await stores.queue.forget(old.type, young.created_at)

        with pytest.raises(NotFound):
            await stored_job(stores, old)
        for job in (dead, queued, young, *others):
            await stored_job(stores, job)

    async def test_workers_come_and_go_in_any_order(self, stores: Stores) -> None:
        worker = f"worker-{uuid4()}"
        for _ in range(2):
            await stores.queue.present(worker)
        for _ in range(2):
            await stores.queue.absent(worker)


class JobViewsContract:
    """Every `JobViews`."""

    async def _jobs(self, stores: Stores) -> list[Job]:
        tenant = await a_tenant(stores)
        jobs = [a_job(stores, tenant.id) for _ in range(5)]
        await add_jobs(stores, *jobs, a_job(stores, None), a_job(stores, (await a_tenant(stores)).id))
        return jobs

    async def test_jobs_are_paged_newest_first(self, stores: Stores) -> None:
        jobs = await self._jobs(stores)
        workspace_id = jobs[0].workspace_id
        assert workspace_id is not None
        first = await stores.jobs.jobs(workspace_id, None, None, None, 3)
        second = await stores.jobs.jobs(workspace_id, None, None, first.next_cursor, 3)
        assert [*first.items, *second.items] == [JobView.of(job, workspace_id) for job in reversed(jobs)]
        assert second.next_cursor is None

    async def test_jobs_are_filtered_by_status_and_type(self, stores: Stores) -> None:
        jobs = await self._jobs(stores)
        workspace_id = jobs[0].workspace_id
        assert workspace_id is not None
        await claim_one(stores, jobs[1])
        await _finish(stores, await claim_one(stores, jobs[3]))

        async def shown(status: JobStatus | None, type_: str | None) -> list[JobId]:
            return [view.id for view in (await stores.jobs.jobs(workspace_id, status, type_, None, 10)).items]

        assert await shown(JobStatus.RUNNING, None) == [jobs[1].id]
        assert await shown(JobStatus.SUCCEEDED, jobs[3].type) == [jobs[3].id]
        assert await shown(JobStatus.QUEUED, jobs[3].type) == []
        assert await shown(None, jobs[0].type) == [jobs[0].id]
        assert await shown(None, "%") == []

    async def test_a_single_job_is_shown_as_it_is(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id, subject=Subject("run", uuid4()))
        await add_jobs(stores, job)
        assert await stores.jobs.job(job.id) == JobView.of(job, tenant.id)

    async def test_jobs_of_the_system_are_never_shown(self, stores: Stores) -> None:
        job = a_job(stores, None)
        await add_jobs(stores, job)
        assert await stores.jobs.job(job.id) is None
        assert await stores.jobs.job(JobId(uuid4())) is None

    @pytest.mark.parametrize(
        "cursor", ["", "!", "e30", encode_cursor(1), encode_cursor("x", "y"), encode_cursor(1, 2, 3), NAIVE, "é"]
    )
    async def test_a_cursor_that_the_list_never_gave_is_refused(self, stores: Stores, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            await stores.jobs.jobs((await a_tenant(stores)).id, None, None, cursor, 10)
