import asyncio

from application.jobs.add_scheduled_job import AddScheduledJob
from application.jobs.tidy_up import TidyUp
from domain.jobs import JOBS_TOPIC, Job
from tests.application.world import LEASE, World


async def test_asked_by_every_worker_at_once_a_turn_is_stored_once(world: World) -> None:
    add = AddScheduledJob(world.begin)
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(add(Job.of(TidyUp(), world.clock.now(), schedule="0 * * * *")))

    (job,) = world.store.jobs.rows.values()
    assert (job.schedule, job.workspace_id) == ("0 * * * *", None)


async def test_once_a_turn_has_ended_the_next_is_stored_and_workers_are_rung(world: World) -> None:
    add = AddScheduledJob(world.begin)
    await add(Job.of(TidyUp(), world.clock.now()))
    (claim,) = await world.queue.claim([TidyUp.type], 5, LEASE)
    await world.queue.finish(claim)
    async with world.bell.listen(JOBS_TOPIC) as workers:
        await add(Job.of(TidyUp(), world.clock.now()))

        assert await workers.heard(0)
    assert len(world.store.jobs.rows) == 2
