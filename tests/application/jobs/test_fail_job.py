from datetime import timedelta

import pytest

from application.jobs.fail_job import FailJob
from domain.jobs import JOBS_TOPIC, JobStatus, LeaseLost
from tests.application.jobs.examples import add_job, claimed
from tests.application.world import LEASE, World


async def test_a_failure_is_tried_again_after_a_wait_that_grows_until_the_job_is_dead(world: World) -> None:
    _, workspace = await world.owner()
    job = await add_job(world, workspace)
    fail = FailJob(world.begin, {}, world.clock)
    waits: list[timedelta] = []
    for number in (1, 2):
        await fail(await claimed(world, job), f"Dropped stitch {number}.")
        failed = world.job(job.id)
        assert (failed.status, failed.failures, failed.error) == (JobStatus.QUEUED, number, f"Dropped stitch {number}.")
        assert await world.queue.claim([job.type], 1, LEASE) == []
        waits.append(failed.run_at - world.clock.now())
        world.clock.advance(waits[-1])
    await fail(await claimed(world, job), "No wool.")

    dead = world.job(job.id)
    assert (dead.status, dead.failures, dead.attempt, dead.error) == (JobStatus.DEAD, 3, 3, "No wool.")
    assert timedelta(seconds=0.5) <= waits[0] <= timedelta(seconds=1) <= waits[1] <= timedelta(seconds=2)
    died = world.events(workspace.id)[-1]
    assert (died.type, died.data["failures"]) == ("job.died", 3)


async def test_the_workers_are_rung_for_the_next_try(world: World) -> None:
    _, workspace = await world.owner()
    claim = await claimed(world, await add_job(world, workspace))
    async with world.bell.listen(JOBS_TOPIC) as workers:
        await FailJob(world.begin, {}, world.clock)(claim, "Dropped stitch.")

        assert await workers.heard(0)


async def test_a_job_of_the_system_dies_without_an_event(world: World) -> None:
    job = await add_job(world, None)
    for _ in range(3):
        await FailJob(world.begin, {}, world.clock)(await claimed(world, job), "No wool.")
        world.clock.advance(timedelta(minutes=1))

    assert world.job(job.id).status is JobStatus.DEAD
    assert world.happened() == []


async def test_what_no_other_try_would_mend_is_dead_at_once(world: World) -> None:
    _, workspace = await world.owner()
    job = await add_job(world, workspace)
    await FailJob(world.begin, {}, world.clock)(await claimed(world, job), "No sheep.", for_good=True)

    dead = world.job(job.id)
    assert (dead.status, dead.failures, dead.error) == (JobStatus.DEAD, 1, "No sheep.")
    assert (dead.ended_at, dead.lease_until) == (world.clock.now(), None)
    assert world.events(workspace.id)[-1].type == "job.died"


async def test_whoever_has_lost_the_job_counts_no_failure(world: World) -> None:
    _, workspace = await world.owner()
    job = await add_job(world, workspace)
    claim = await claimed(world, job)
    world.clock.advance(LEASE)
    await world.queue.expire()
    before = world.job(job.id)

    with pytest.raises(LeaseLost):
        await FailJob(world.begin, {}, world.clock)(claim, "Late.")
    assert world.job(job.id) == before


async def test_a_wait_that_the_handler_asks_for_replaces_the_back_off_until_the_job_is_dead(world: World) -> None:
    _, workspace = await world.owner()
    job = await add_job(world, workspace)
    fail, day = FailJob(world.begin, {}, world.clock), timedelta(days=1)
    for number in (1, 2):
        await fail(await claimed(world, job), "Shop is closed.", day)
        failed = world.job(job.id)
        assert (failed.status, failed.failures) == (JobStatus.QUEUED, number)
        assert failed.run_at == world.clock.now() + day
        world.clock.advance(day)
    await fail(await claimed(world, job), "Shop is closed.", day)

    assert world.job(job.id).status is JobStatus.DEAD
