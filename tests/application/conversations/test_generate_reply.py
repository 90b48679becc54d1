import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.cancel_run import CancelRun
from application.conversations.draft import REPLY_LENGTH
from application.ports.language_model import (
    Finished,
    ModelEvent,
    StopReason,
    TextDelta,
)
from domain.conversations import Frame, MessageStatus, RunStatus
from domain.conversations.reply_prompt import VERSION
from domain.ids import RunId
from domain.jobs import JobStatus
from tests.application.conversations.script import END, calling, log_of, saying
from tests.application.doubles import ActingLanguageModel
from tests.application.world import World, job_of


async def test_the_text_is_shown_as_it_comes_and_then_kept(world: World) -> None:
    visit, claim = await world.asked("What does it cost?")
    answer = [*saying("It costs ", "60 €.")[:2], Finished(reason=StopReason.END, input_tokens=9)]
    run = await world.reply(claim, ScriptedLanguageModel(answer))

    assert await log_of(world, claim) == ["start 1", "0:It costs ", "9:60 €.", "end:It costs 60 €."]
    assert (run.status, run.model, run.prompt_version) == (RunStatus.COMPLETED, "scripted:script", VERSION)
    assert run.usage
    assert run.usage.input_tokens == 9
    reply = world.store.messages.rows[run.reply_message_id]
    assert (reply.content, reply.status, reply.run_id) == ("It costs 60 €.", MessageStatus.COMPLETE, run.id)
    assert world.said(visit) == ["What does it cost?", "It costs 60 €."]


async def test_the_run_and_its_job_end_together(world: World) -> None:
    _, claim = await world.asked()
    await world.reply(claim, ScriptedLanguageModel(saying("Hello.")))

    job = world.job(claim.job_id)
    assert (job.status, job.result) == (JobStatus.SUCCEEDED, {"run": "completed"})
    assert world.happened()[-2:] == ["run.started", "run.completed"]


async def test_the_text_is_saved_before_its_end_is_announced(world: World) -> None:
    _, claim = await world.asked()
    saved: list[bool] = []

    def look(run_id: RunId, frames: Sequence[Frame]) -> None:
        if frames[-1].ends:
            saved.append(world.run(run_id).ended and world.run(run_id).reply_message_id in world.store.messages.rows)

    world.log.look = look
    await world.reply(claim, ScriptedLanguageModel(saying("Hello.")))

    assert saved == [True]


@pytest.mark.parametrize("last", [[], [END]])
async def test_a_reply_that_gets_too_long_is_cut_off(world: World, last: list[ModelEvent]) -> None:
    _, claim = await world.asked()
    piece = TextDelta("x" * 10_000)
    run = await world.reply(claim, ScriptedLanguageModel([*[piece] * 7, *last]))

    assert run.status is RunStatus.COMPLETED
    assert len(run.text) == REPLY_LENGTH
    assert world.store.messages.rows[run.reply_message_id].status is MessageStatus.PARTIAL


async def test_an_answer_that_its_model_cut_is_kept_as_a_part(world: World) -> None:
    _, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("It costs"), Finished(reason=StopReason.LENGTH)]))

    assert (run.status, run.cut, run.error) == (RunStatus.COMPLETED, True, None)
    assert world.store.messages.rows[run.reply_message_id].status is MessageStatus.PARTIAL
    assert (await log_of(world, claim))[-1] == "end:It costs"


async def test_text_that_no_database_can_store_is_left_out(world: World) -> None:
    _, claim = await world.asked()
    model = ScriptedLanguageModel(
        calling("list_services", {"note\x00": "a\ud800b"}), saying("Six\x00ty ", "\x00", "\udfffeuros.")
    )
    run = await world.reply(claim, model)

    assert (run.status, run.text) == (RunStatus.COMPLETED, "Sixty euros.")
    assert run.steps[0].args == {"note": "ab"}


async def test_a_stream_that_ends_without_a_word_of_it_is_taken_as_it_is(world: World) -> None:
    _, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("It costs")]))

    assert (run.status, run.text) == (RunStatus.COMPLETED, "It costs")


async def test_a_cancelled_reply_keeps_its_text_and_closes_the_model(world: World) -> None:
    visit, claim = await world.asked()
    progress, never = MemoryJobProgress(), asyncio.Event()

    async def soon() -> None:
        asyncio.get_running_loop().call_soon(progress.cancel)

    script = ScriptedLanguageModel([TextDelta("Half"), TextDelta(" an"), never, TextDelta(" answer"), END])
    run = await world.reply(claim, ActingLanguageModel(script, {" an": soon}), progress)

    assert (run.status, script.closed) == (RunStatus.CANCELLED, 1)
    assert world.said(visit) == ["Hello?", "Half an"]
    assert world.job(claim.job_id).status is JobStatus.CANCELLED
    assert (await log_of(world, claim))[-1] == "cancelled:Half an"
    assert world.happened()[-1] == "run.cancelled"


async def test_a_reply_cancelled_before_its_first_word_leaves_no_message(world: World) -> None:
    visit, claim = await world.asked()
    progress = MemoryJobProgress()
    progress.cancel()
    run = await world.reply(claim, ScriptedLanguageModel([asyncio.Event()]), progress)

    assert run.status is RunStatus.CANCELLED
    assert world.said(visit) == ["Hello?"]


async def test_each_second_what_there_is_is_saved(world: World) -> None:
    _, claim = await world.asked()
    saved: list[tuple[str, int]] = []

    async def a_bit() -> None:
        run = world.run_of(claim)
        saved.append((run.text, run.last_sequence))
        world.clock.advance(timedelta(seconds=0.4))

    texts = ("a", "b", "c", "d", "e", "f")
    script = ScriptedLanguageModel(saying(*texts))
    await world.reply(claim, ActingLanguageModel(script, dict.fromkeys(texts, a_bit)))

    assert saved == [("", 0), ("", 0), ("", 0), ("abc", 4), ("abc", 4), ("abc", 4)]


async def test_a_run_that_has_ended_is_not_made_again(world: World) -> None:
    visit, claim = await world.asked()
    await world.reply(claim, ScriptedLanguageModel(saying("Hello.")))
    job = world.job(claim.job_id)
    world.store.jobs.rows[job.id] = replace(job, status=JobStatus.QUEUED, ended_at=None)

    run = await world.reply(await world.claim(), ScriptedLanguageModel())

    assert (run.attempt, world.said(visit)) == (1, ["Hello?", "Hello."])


async def test_a_stop_asked_of_the_run_is_kept_though_the_model_was_faster(world: World) -> None:
    visit, claim = await world.asked()

    async def asked() -> None:
        await CancelRun(world.begin, world.clock)(visit.caller, visit.conversation_id, job_of(claim).run_id)

    script = ScriptedLanguageModel(saying("Done", "."))
    run = await world.reply(claim, ActingLanguageModel(script, {".": asked}))

    assert (run.status, run.text) == (RunStatus.COMPLETED, "Done.")
    assert world.job(claim.job_id).status is JobStatus.SUCCEEDED


async def test_the_model_that_the_workspace_chose_is_asked(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"assistant": {"model": "scripted:other"}})
    await world.say(await world.visit("ada"))
    claim = await world.claim()
    first, other = ScriptedLanguageModel(), ScriptedLanguageModel(saying("Hello."), name="scripted:other")
    await world.generator_of(first, other)(job_of(claim), claim, MemoryJobProgress())

    assert world.run_of(claim).model == "scripted:other"
    assert world.events(workspace.id)[-2].data["model"] == "scripted:other"
