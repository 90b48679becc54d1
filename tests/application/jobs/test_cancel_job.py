import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from application.jobs.cancel_job import CancelJob, EndCancelledJob
from application.jobs.tidy_up import TidyUp
from domain.access import Caller, Grant, Role
from domain.conversations import RunStatus
from domain.errors import Forbidden, NotFound
from domain.jobs import CANCELS_TOPIC, Job, JobEnded, JobStatus, LeaseLost, job_topic
from tests.application.conversations.script import saying
from tests.application.jobs.examples import add_job, claimed
from tests.application.world import LEASE, World


def cancel(world: World) -> CancelJob:
    return CancelJob(world.begin, world.jobs, world.burials, world.clock)


async def test_a_waiting_job_is_over_at_once(world: World) -> None:
    owner, workspace = await world.owner()
    job = await add_job(world, workspace)
    async with world.bell.listen(job_topic(job.id)) as followers:
        view = await cancel(world)(owner, job.id)

        assert await followers.heard(0)
    assert (view.status, view.ended_at) == (JobStatus.CANCELLED, world.clock.now())
    assert await world.jobs.job(job.id) == view
    assert await world.queue.claim([job.type], 1, LEASE) == []
    assert world.events(workspace.id)[-1].type == "job.cancelled"


async def test_the_worker_of_a_running_job_is_told_and_ends_it(world: World) -> None:
    owner, workspace = await world.owner()
    claim = await claimed(world, await add_job(world, workspace))
    async with world.bell.listen(CANCELS_TOPIC) as worker:
        view = await cancel(world)(owner, claim.job_id)

        assert await worker.heard(0)
    assert view.status is JobStatus.RUNNING
    assert await world.queue.report(claim, 50, None)

    await EndCancelledJob(world.begin, {}, world.clock)(claim)
    assert world.job(claim.job_id).status is JobStatus.CANCELLED


async def test_a_job_of_the_instance_itself_ends_and_is_told_to_no_workspace(world: World) -> None:
    async with world.begin() as work:
        await work.jobs.add(Job.of(TidyUp(), world.clock.now()))
        await work.commit(None)
    (claim,) = await world.queue.claim([TidyUp.type], 1, LEASE)
    await EndCancelledJob(world.begin, {}, world.clock)(claim)
    assert world.job(claim.job_id).status is JobStatus.CANCELLED
    assert not any(world.store.activity.values())


async def test_a_job_that_is_over_cannot_be_cancelled(world: World) -> None:
    owner, workspace = await world.owner()
    job = await add_job(world, workspace)
    await cancel(world)(owner, job.id)

    with pytest.raises(JobEnded):
        await cancel(world)(owner, job.id)


async def test_with_the_waiting_job_of_a_reply_its_run_is_over(world: World) -> None:
    visit = await world.visit()
    run = world.run(world.run_for(await world.say(visit)).id)
    owner = Caller(actor=world.stranger().actor, grants={run.workspace_id: Grant.of(Role.OWNER)})
    await cancel(world)(owner, run.job_id)

    assert world.run(run.id).status is RunStatus.CANCELLED


async def test_a_running_reply_is_ended_by_its_worker_alone(world: World) -> None:
    _, claim = await world.asked()
    run = world.run_of(claim)
    owner = Caller(actor=world.stranger().actor, grants={run.workspace_id: Grant.of(Role.OWNER)})
    await cancel(world)(owner, claim.job_id)
    assert world.run_of(claim).status is RunStatus.QUEUED

    await EndCancelledJob(world.begin, world.burials, world.clock)(claim)
    assert world.run_of(claim).status is RunStatus.CANCELLED
    assert world.job(claim.job_id).status is JobStatus.CANCELLED
    assert [kind for kind in world.happened() if kind.startswith("job.")] == ["job.cancel_requested", "job.cancelled"]


async def test_a_job_that_was_given_to_another_worker_is_not_ended_by_the_first(world: World) -> None:
    _, claim = await world.asked()
    world.clock.advance(LEASE)
    await world.queue.expire()
    again = await world.claim()

    with pytest.raises(LeaseLost):
        await EndCancelledJob(world.begin, world.burials, world.clock)(claim)
    assert world.run_of(claim).status is RunStatus.QUEUED
    run = await world.reply(again, ScriptedLanguageModel(saying("Hello.")), MemoryJobProgress())
    assert run.status is RunStatus.COMPLETED


async def test_jobs_of_others_and_of_the_system_are_not_found_and_viewers_only_look(world: World) -> None:
    _, workspace = await world.owner()
    job, ours = await add_job(world, workspace), await add_job(world, None)

    with pytest.raises(NotFound):
        await cancel(world)(world.stranger(), job.id)
    with pytest.raises(Forbidden):
        await cancel(world)(world.viewer(workspace), job.id)
    with pytest.raises(NotFound):
        await cancel(world)((await world.owner())[0], ours.id)
    assert world.job(job.id).status is world.job(ours.id).status is JobStatus.QUEUED
