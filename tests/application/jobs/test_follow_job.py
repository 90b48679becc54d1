import asyncio

import pytest

from application.jobs.cancel_job import CancelJob
from application.jobs.follow_job import LOOK_AGAIN, FollowJob
from application.jobs.read_jobs import ReadJob
from domain.errors import NotFound
from domain.jobs import JobStatus
from tests.application.jobs.examples import add_job, claimed
from tests.application.jumping import jump
from tests.application.world import World


def follow(world: World) -> FollowJob:
    return FollowJob(ReadJob(world.jobs), world.bell)


async def test_a_job_is_shown_now_and_after_each_change_until_it_has_ended(world: World) -> None:
    owner, workspace = await world.owner()
    job = await add_job(world, workspace)
    views = await follow(world)(owner, job.id)
    shown = [await anext(views)]
    waiting = asyncio.ensure_future(anext(views))
    await asyncio.sleep(0)
    claim = await claimed(world, job)
    await world.queue.report(claim, 40, "Heel")
    shown.append(await waiting)
    await world.queue.finish(claim)
    shown += [view async for view in views]

    assert [(view.status, view.progress, view.note) for view in shown if view] == [
        (JobStatus.QUEUED, 0, None),
        (JobStatus.RUNNING, 40, "Heel"),
        (JobStatus.SUCCEEDED, 40, "Heel"),
    ]


async def test_a_job_that_has_ended_is_shown_once(world: World) -> None:
    owner, workspace = await world.owner()
    job = await add_job(world, workspace)
    ended = await CancelJob(world.begin, world.jobs, {}, world.clock)(owner, job.id)

    assert [view async for view in await follow(world)(owner, job.id)] == [ended]


def test_while_nothing_changes_there_is_silence() -> None:
    async def main() -> None:
        world = World()
        owner, workspace = await world.owner()
        views = await follow(world)(owner, (await add_job(world, workspace)).id)
        assert await anext(views)
        assert [await anext(views) for _ in range(2)] == [None, None]
        assert asyncio.get_running_loop().time() == pytest.approx(2 * LOOK_AGAIN)
        await views.aclose()
        assert not world.bell._listeners  # pyright: ignore[reportPrivateUsage]

    jump(main())


async def test_a_job_of_others_is_not_found_at_once(world: World) -> None:
    _, workspace = await world.owner()
    job = await add_job(world, workspace)

    with pytest.raises(NotFound):
        await follow(world)(world.stranger(), job.id)
