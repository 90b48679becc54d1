import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.cancel_run import CancelRun
from application.ports.language_model import Finished, StopReason, TextDelta
from domain.conversations import RunStatus
from domain.errors import NotFound
from domain.jobs import CANCELS_TOPIC, JobStatus
from tests.application.world import LEASE, World


async def test_a_waiting_run_is_over_at_once_with_its_job(world: World) -> None:
    visit = await world.visit()
    posted = await world.say(visit)
    view = await CancelRun(world.begin, world.clock)(visit.caller, visit.conversation_id, world.run_for(posted).id)

    assert (view.status, view.ended_at) == (RunStatus.CANCELLED, world.clock.now())
    assert world.job(world.run_for(posted).job_id).status is JobStatus.CANCELLED
    assert world.said(visit) == ["Hello?"]


async def test_a_running_run_goes_on_until_its_worker_which_is_told_stops(world: World) -> None:
    visit = await world.visit()
    posted = await world.say(visit)
    claim = await world.claim()
    async with world.bell.listen(CANCELS_TOPIC) as worker:
        view = await CancelRun(world.begin, world.clock)(visit.caller, visit.conversation_id, world.run_for(posted).id)

        assert await worker.heard(0)
    assert view.ended_at is None
    assert (await world.queue.extend([claim], LEASE)).cancelled == {claim.job_id}


async def test_a_run_between_two_attempts_is_over_at_once_and_keeps_its_text(world: World) -> None:
    visit, claim = await world.asked()
    await world.crash_after(claim, "Half an answer")
    view = await CancelRun(world.begin, world.clock)(visit.caller, visit.conversation_id, world.run_of(claim).id)

    assert view.status is RunStatus.CANCELLED
    assert world.said(visit) == ["Hello?", "Half an answer"]


async def test_a_run_that_has_ended_stays_as_it_is(world: World) -> None:
    visit, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("Yes."), Finished(reason=StopReason.END)]))
    happened = world.happened()

    view = await CancelRun(world.begin, world.clock)(visit.caller, visit.conversation_id, run.id)

    assert view.status is RunStatus.COMPLETED
    assert world.happened() == happened


async def test_a_visitor_is_not_told_what_a_reply_took(world: World) -> None:
    visit, claim = await world.asked()
    told = Finished(reason=StopReason.END, input_tokens=9, output_tokens=1)
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("Yes."), told]))
    view = await CancelRun(world.begin, world.clock)(visit.caller, visit.conversation_id, run.id)

    assert (run.usage is None, view.usage) == (False, None)


async def test_a_run_of_another_conversation_is_not_found(world: World) -> None:
    visit, another = await world.visit(), await world.visit()
    posted = await world.say(another)
    cancel = CancelRun(world.begin, world.clock)

    with pytest.raises(NotFound):
        await cancel(visit.caller, visit.conversation_id, world.run_for(posted).id)
    with pytest.raises(NotFound):
        await cancel(visit.caller, another.conversation_id, world.run_for(posted).id)
    with pytest.raises(NotFound):
        await cancel(world.stranger(), another.conversation_id, world.run_for(posted).id)
    assert world.run_for(posted).status is RunStatus.QUEUED
