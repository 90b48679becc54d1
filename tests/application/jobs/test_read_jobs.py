import pytest

from application.jobs.read_jobs import ListJobs, ReadJob
from domain.errors import NotFound
from domain.jobs import JobStatus
from tests.application.jobs.examples import add_job, claimed
from tests.application.world import World


async def test_jobs_are_listed_newest_first_and_by_what_is_asked(world: World) -> None:
    _, workspace = await world.owner()
    other = (await world.owner("eve@example.com"))[1]
    first, second = [await add_job(world, workspace) for _ in range(2)]
    await add_job(world, other)
    await add_job(world, None)
    list_jobs, viewer = ListJobs(world.jobs), world.viewer(workspace)
    await claimed(world, first)

    async def listed(status: JobStatus | None, job_type: str | None) -> list[object]:
        page = await list_jobs(viewer, workspace.id, status, job_type, None, 10)
        return [job.id for job in page.items]

    assert await listed(None, None) == [second.id, first.id]
    assert await listed(JobStatus.RUNNING, "knit") == [first.id]
    assert await listed(None, "generate_reply") == []


async def test_a_job_is_shown_to_members(world: World) -> None:
    _, workspace = await world.owner()
    job = await add_job(world, workspace)
    await world.queue.report(await claimed(world, job), 40, "Heel")
    view = await ReadJob(world.jobs)(world.viewer(workspace), job.id)

    assert (view.id, view.status, view.attempts, view.max_attempts) == (job.id, JobStatus.RUNNING, 1, 3)
    assert (view.progress, view.note) == (40, "Heel")


async def test_jobs_of_others_and_of_the_system_are_not_found(world: World) -> None:
    owner, workspace = await world.owner()
    job, ours = await add_job(world, workspace), await add_job(world, None)

    with pytest.raises(NotFound):
        await ReadJob(world.jobs)(world.stranger(), job.id)
    with pytest.raises(NotFound):
        await ReadJob(world.jobs)(owner, ours.id)
    with pytest.raises(NotFound):
        await ListJobs(world.jobs)(world.stranger(), workspace.id, None, None, None, 10)
