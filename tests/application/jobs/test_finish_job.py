from application.jobs.finish_job import FinishJob
from domain.jobs import JobStatus
from tests.application.jobs.examples import add_job, claimed
from tests.application.world import LEASE, World


async def test_a_job_whose_use_case_saved_nothing_has_succeeded(world: World) -> None:
    claim = await claimed(world, await add_job(world, None))
    await FinishJob(world.begin)(claim)

    job = world.job(claim.job_id)
    assert (job.status, job.ended_at) == (JobStatus.SUCCEEDED, world.clock.now())


async def test_a_job_that_somebody_else_has_is_left_to_them(world: World) -> None:
    claim = await claimed(world, await add_job(world, None))
    world.clock.advance(LEASE)
    await world.queue.expire()
    await claimed(world, world.job(claim.job_id))
    before = world.job(claim.job_id)
    await FinishJob(world.begin)(claim)

    assert world.job(claim.job_id) == before


async def test_a_job_that_its_use_case_has_ended_stays_as_it_is(world: World) -> None:
    claim = await claimed(world, await add_job(world, None))
    async with world.begin(claim) as work:
        await work.jobs.finish(claim, {"socks": 2})
        await work.commit(None)
    before = world.job(claim.job_id)
    await FinishJob(world.begin)(claim)

    assert world.job(claim.job_id) == before
