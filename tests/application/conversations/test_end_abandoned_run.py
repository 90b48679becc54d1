from dataclasses import replace

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.erase_conversation import EraseConversation
from application.jobs.cancel_job import CancelJob
from application.jobs.fail_job import FailJob
from application.jobs.replay_job import ReplayJob
from domain.access import Caller, Grant, Role
from domain.conversations import (
    ConversationClosed,
    ConversationStatus,
    RunErrorCode,
    RunNotRetryable,
    RunStatus,
    TakenOver,
)
from domain.jobs import Claim, JobStatus
from tests.application.conversations.members import Side, a_member, stored
from tests.application.conversations.script import saying
from tests.application.world import World


async def fail(world: World, claim: Claim) -> None:
    await FailJob(world.begin, world.burials, world.clock)(claim, "It broke.")


def last_try(world: World, claim: Claim) -> None:
    job = world.job(claim.job_id)
    world.store.jobs.rows[job.id] = replace(job, failures=job.max_attempts - 1)


async def test_a_run_whose_job_dies_has_failed_and_its_text_is_kept(world: World) -> None:
    visit, claim = await world.asked()
    await world.crash_after(claim, "Half an answer")
    again = await world.claim()
    last_try(world, again)
    await fail(world, again)

    run = world.run_of(claim)
    assert (run.status, run.error, run.text) == (RunStatus.FAILED, RunErrorCode.INTERNAL, "Half an answer")
    assert world.job(claim.job_id).status is JobStatus.DEAD
    assert world.said(visit) == ["Hello?", "Half an answer"]
    assert world.happened()[-2:] == ["job.died", "run.failed"]


async def test_a_failure_that_is_not_the_last_leaves_the_run_to_another_try(world: World) -> None:
    _, claim = await world.asked()
    await fail(world, claim)

    assert world.run_of(claim).status is RunStatus.QUEUED
    assert world.job(claim.job_id).status is JobStatus.QUEUED


async def test_the_next_reply_can_be_made_after_one_has_died(world: World) -> None:
    visit, claim = await world.asked()
    await world.say(visit, "Second")
    last_try(world, claim)
    await fail(world, claim)

    assert world.run_of(await world.claim()).turn == 2


async def test_a_run_whose_job_is_cancelled_is_cancelled(world: World) -> None:
    _, claim = await world.asked()
    await fail(world, claim)
    run = world.run_of(claim)
    member = Caller(actor=world.stranger().actor, grants={run.workspace_id: Grant.of(Role.MEMBER)})
    await CancelJob(world.begin, world.jobs, world.burials, world.clock)(member, claim.job_id)

    assert world.run_of(claim).status is RunStatus.CANCELLED


async def test_a_run_that_has_ended_is_not_ended_again(world: World) -> None:
    _, claim = await world.asked()
    run = world.run_of(claim)
    ended = run.failed(RunErrorCode.TIMEOUT, world.clock.now())
    world.store.runs.rows[run.id] = ended
    last_try(world, claim)
    await fail(world, claim)

    assert world.run_of(claim) == ended
    assert world.job(claim.job_id).status is JobStatus.DEAD


async def test_the_death_of_a_job_whose_conversation_was_erased_mends_nothing(world: World) -> None:
    visit, claim = await world.asked()
    erase = EraseConversation(world.begin, world.log, world.clock)
    await erase(visit.caller, visit.conversation_id)
    last_try(world, claim)
    await fail(world, claim)

    assert world.job(claim.job_id).status is JobStatus.DEAD
    assert not world.store.runs.rows


async def test_a_dead_job_that_is_replayed_has_a_new_run_for_the_same_message(world: World) -> None:
    visit, claim = await world.asked("What does it cost?")
    ended = world.run_of(claim)
    last_try(world, claim)
    await fail(world, claim)
    member = Caller(actor=world.stranger().actor, grants={ended.workspace_id: Grant.of(Role.MEMBER)})
    await ReplayJob(world.begin, world.jobs, world.burials, world.clock)(member, claim.job_id)
    run = await world.reply(await world.claim(), ScriptedLanguageModel(saying("60 €.")))

    assert (run.turn, run.message_id, run.status) == (ended.turn + 1, ended.message_id, RunStatus.COMPLETED)
    assert world.run(ended.id).status is RunStatus.FAILED
    assert world.said(visit) == ["What does it cost?", "60 €."]


async def test_a_replayed_job_keeps_the_assistant_silent_where_a_retry_would(world: World) -> None:
    visit, claim = await world.asked("What does it cost?")
    last_try(world, claim)
    await fail(world, claim)
    side = Side(world, visit, a_member(world, visit))
    replay = ReplayJob(world.begin, world.jobs, world.burials, world.clock)

    await side.take_over()
    with pytest.raises(TakenOver):
        await replay(side.caller, claim.job_id)
    await side.hand_back()  # which has the question answered by another run
    with pytest.raises(RunNotRetryable):
        await replay(side.caller, claim.job_id)
    await side.edit({"status": ConversationStatus.CLOSED})
    with pytest.raises(ConversationClosed):
        await replay(side.caller, claim.job_id)
    assert world.job(claim.job_id).status is JobStatus.DEAD
    assert [run.turn for run in world.store.runs.rows.values()] == [1, 2]
    assert stored(world, visit).turns == 2
