from datetime import timedelta

import pytest

from application.jobs.cancel_job import CancelJob
from application.jobs.fail_job import FailJob
from application.jobs.replay_job import ReplayJob
from domain.errors import Forbidden, NotFound
from domain.jobs import JOBS_TOPIC, JobNotReplayable, JobStatus
from tests.application.jobs.examples import add_job, claimed
from tests.application.world import World


async def test_a_dead_job_runs_again_with_all_its_tries_and_a_higher_attempt(world: World) -> None:
    owner, workspace = await world.owner()
    job = await add_job(world, workspace)
    for _ in range(3):
        await FailJob(world.begin, {}, world.clock)(await claimed(world, job), "No wool.")
        world.clock.advance(timedelta(minutes=1))
    async with world.bell.listen(JOBS_TOPIC) as workers:
        view = await ReplayJob(world.begin, world.jobs, world.burials, world.clock)(owner, job.id)

        assert await workers.heard(0)
    assert (view.status, view.attempts, view.ended_at) == (JobStatus.QUEUED, 3, None)
    assert world.job(job.id).failures == 0
    assert (await claimed(world, job)).attempt == 4
    assert world.events(workspace.id)[-1].type == "job.replayed"


async def test_a_cancelled_job_runs_again_and_is_not_stopped_again(world: World) -> None:
    owner, workspace = await world.owner()
    job = await add_job(world, workspace)
    await CancelJob(world.begin, world.jobs, {}, world.clock)(owner, job.id)
    await ReplayJob(world.begin, world.jobs, world.burials, world.clock)(owner, job.id)

    assert not await world.queue.report(await claimed(world, job), 10, None)


async def test_a_job_that_waits_runs_or_has_succeeded_is_not_replayed(world: World) -> None:
    owner, workspace = await world.owner()
    job = await add_job(world, workspace)
    replay = ReplayJob(world.begin, world.jobs, world.burials, world.clock)

    with pytest.raises(JobNotReplayable):
        await replay(owner, job.id)
    claim = await claimed(world, job)
    with pytest.raises(JobNotReplayable):
        await replay(owner, job.id)
    await world.queue.finish(claim)
    with pytest.raises(JobNotReplayable):
        await replay(owner, job.id)


async def test_a_job_whose_key_another_has_taken_is_not_replayed(world: World) -> None:
    owner, workspace = await world.owner()
    job = await add_job(world, workspace, "socks")
    await CancelJob(world.begin, world.jobs, {}, world.clock)(owner, job.id)
    await add_job(world, workspace, "socks")

    with pytest.raises(JobNotReplayable):
        await ReplayJob(world.begin, world.jobs, world.burials, world.clock)(owner, job.id)


async def test_jobs_of_others_are_not_found_and_viewers_only_look(world: World) -> None:
    owner, workspace = await world.owner()
    job, ours = await add_job(world, workspace), await add_job(world, None)
    replay = ReplayJob(world.begin, world.jobs, world.burials, world.clock)

    for caller, identifier, fact in (
        (world.stranger(), job.id, NotFound),
        (world.viewer(workspace), job.id, Forbidden),
        (owner, ours.id, NotFound),
    ):
        with pytest.raises(fact):
            await replay(caller, identifier)
