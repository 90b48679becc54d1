import asyncio
from dataclasses import replace

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.generate_reply import REPLY_SECONDS
from application.ports.language_model import (
    Finished,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    StopReason,
    TextDelta,
)
from domain.conversations import MessageStatus, RunErrorCode, RunStatus
from domain.jobs import JobStatus, LeaseLost
from tests.application.conversations.script import END, log_of, saying
from tests.application.doubles import ActingLanguageModel
from tests.application.jumping import jump
from tests.application.world import LEASE, Crash, World
from tests.contracts.run_log import frames_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelUnavailable("overloaded: key sk-1"), RunErrorCode.MODEL_UNAVAILABLE),
        (ModelRefused("bad key sk-1"), RunErrorCode.MODEL_REFUSED),
        (ModelTimeout("sk-1 took 60 s"), RunErrorCode.TIMEOUT),
        (TimeoutError(), RunErrorCode.TIMEOUT),
    ],
)
async def test_a_failing_model_ends_the_run_with_a_public_code_and_keeps_the_text(
    world: World, error: Exception, code: RunErrorCode
) -> None:
    visit, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("It costs"), error]))

    assert (run.status, run.error) == (RunStatus.FAILED, code)
    assert await log_of(world, claim) == ["start 1", "0:It costs", f"{code}:It costs"]
    assert world.store.messages.rows[run.reply_message_id].status is MessageStatus.PARTIAL
    assert world.said(visit) == ["Hello?", "It costs"]
    assert world.job(claim.job_id).status is JobStatus.SUCCEEDED
    shown = repr([await world.shown(visit), world.store.activity, world.job(claim.job_id)])
    assert "sk-1" not in shown


async def test_an_answer_stopped_by_a_filter_is_refused(world: World) -> None:
    _, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("I "), Finished(reason=StopReason.FILTER)]))

    assert (run.status, run.error, run.text) == (RunStatus.FAILED, RunErrorCode.MODEL_REFUSED, "I ")


async def test_a_failure_before_the_first_word_leaves_no_message(world: World) -> None:
    visit, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([ModelUnavailable("down")]))

    assert run.status is RunStatus.FAILED
    assert world.said(visit) == ["Hello?"]


def test_a_model_that_never_answers_is_given_up_in_time() -> None:
    async def main() -> None:
        world = World()
        visit, claim = await world.asked()
        model = ScriptedLanguageModel([TextDelta("Well"), asyncio.Event()])
        began = asyncio.get_running_loop().time()
        run = await world.reply(claim, model)

        assert asyncio.get_running_loop().time() - began == pytest.approx(REPLY_SECONDS)
        assert (run.error, run.text, model.closed) == (RunErrorCode.TIMEOUT, "Well", 1)
        assert world.said(visit) == ["Hello?", "Well"]

    jump(main())


async def test_a_model_that_says_nothing_has_not_answered(world: World) -> None:
    _, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([END]))

    assert (run.status, run.error) == (RunStatus.FAILED, RunErrorCode.MODEL_UNAVAILABLE)


async def test_an_unforeseen_error_leaves_the_job_to_another_try(world: World) -> None:
    _, claim = await world.asked()
    with pytest.raises(Crash):
        await world.reply(claim, ScriptedLanguageModel([TextDelta("Half"), Crash()]))

    assert world.run_of(claim).status is RunStatus.RUNNING
    assert world.job(claim.job_id).status is JobStatus.RUNNING


async def test_a_worker_that_has_lost_the_job_stops_and_changes_nothing(world: World) -> None:
    visit, claim = await world.asked()

    async def lose() -> None:
        world.clock.advance(LEASE)
        await world.queue.expire()

    script = ScriptedLanguageModel(saying("Half", " an answer"))
    with pytest.raises(LeaseLost):
        await world.reply(claim, ActingLanguageModel(script, {" an answer": lose}))

    assert script.closed == 1
    assert world.said(visit) == ["Hello?"]
    assert world.run_of(claim).status is RunStatus.RUNNING
    assert world.job(claim.job_id).status is JobStatus.QUEUED


async def test_a_newer_attempt_silences_the_older_at_its_next_word(world: World) -> None:
    visit, claim = await world.asked()

    async def taken_over() -> None:
        world.store.jobs.rows[claim.job_id] = replace(world.job(claim.job_id), lease_until=world.clock.now())
        await world.queue.expire()
        await world.reply(await world.claim(), ScriptedLanguageModel(saying("The other one.")))

    script = ScriptedLanguageModel(saying("Half", " an answer"))
    with pytest.raises(LeaseLost):
        await world.reply(claim, ActingLanguageModel(script, {" an answer": taken_over}))

    assert world.said(visit) == ["Hello?", "The other one."]
    assert await log_of(world, claim) == ["start 1", "0:Half", "start 2", "0:The other one.", "end:The other one."]


async def test_after_a_crash_the_next_attempt_begins_anew(world: World) -> None:
    visit, claim = await world.asked()
    await world.crash_after(claim, "Half an ans")
    assert world.run_of(claim).text == "Half an ans"
    run = await world.reply(await world.claim(), ScriptedLanguageModel(saying("A whole one.")))

    assert (run.attempt, run.text) == (2, "A whole one.")
    assert world.said(visit) == ["Hello?", "A whole one."]
    assert (await log_of(world, claim))[-3:] == ["start 2", "0:A whole one.", "end:A whole one."]
    ids = [frame.id for frame in await frames_of(world.log, run.id)]
    assert ids == sorted(set(ids))
