import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.memory.conversations import MemoryConversationViews
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.cancel_run import CancelRun
from application.conversations.draft import REPLY_LENGTH
from application.conversations.erase_conversation import EraseConversation
from application.conversations.generate_reply import MAX_CALLS, MAX_ROUNDS, REPLY_SECONDS
from application.ports.language_model import (
    Finished,
    ModelEvent,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    StopReason,
    TextDelta,
)
from domain.conversations import Frame, MessageStatus, Run, RunErrorCode, RunStatus, Usage
from domain.conversations.reply_prompt import VERSION, ReplyFacts
from domain.ids import RunId
from domain.jobs import Claim, JobStatus, LeaseLost
from domain.json import JsonValue
from domain.pricing import PriceList
from domain.prompts import AssistantTurn, ToolCall, ToolTurn, UserTurn
from tests.application.conversations.script import END, TOOLS, calling, saying, told
from tests.application.doubles import ActingLanguageModel
from tests.application.jumping import jump
from tests.application.world import LEASE, Crash, Visit, World, job_of
from tests.contracts.run_log import frames_of


async def log_of(world: World, claim: Claim) -> list[str]:
    return told(await frames_of(world.log, job_of(claim).run_id))


async def test_the_text_is_shown_as_it_comes_and_then_kept(world: World) -> None:
    visit, claim = await world.asked("What does it cost?")
    answer = [*saying("It costs ", "60 €.")[:2], Finished(reason=StopReason.END, input_tokens=9)]
    run = await world.reply(claim, ScriptedLanguageModel(answer))

    assert await log_of(world, claim) == ["start 1", "0:It costs ", "9:60 €.", "end:It costs 60 €."]
    assert (run.status, run.model, run.prompt_version) == (RunStatus.COMPLETED, "scripted:script", VERSION)
    assert run.usage
    assert (run.usage.input_tokens, run.usage.output_tokens) == (9, None)
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


async def test_a_tool_is_used_and_its_result_goes_back_to_the_model(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"knowledge_base": "# Prices\n\nA haircut costs 30 euros."})
    visit = await world.visit("ada")
    await world.say(visit, "And for children?")
    claim = await world.claim()
    model = ScriptedLanguageModel(
        calling("search_knowledge", {"query": "haircut"}, "One moment. ", call_id="a"), saying("30 euros.")
    )
    run = await world.reply(claim, model)

    found = [{"heading": "Prices", "text": "A haircut costs 30 euros."}]
    call = ToolCall(id="a", tool="search_knowledge", args={"query": "haircut"})
    assert model.prompts[1].turns == (
        UserTurn(text="And for children?"),
        AssistantTurn(text="One moment. ", calls=(call,)),
        ToolTurn(call_id="a", tool="search_knowledge", output=json.dumps(found)),
    )
    assert [(step.tool, step.offset, step.status, step.output) for step in run.steps] == [
        ("search_knowledge", 12, "ok", found)
    ]
    assert await log_of(world, claim) == [
        "start 1",
        "0:One moment. ",
        "search_knowledge?",
        "ok",
        "12:30 euros.",
        "end:One moment. 30 euros.",
    ]


@pytest.mark.parametrize(
    ("tool", "args", "says"),
    [
        ("search_knowledge", None, "not a JSON object"),
        ("search_knowledge", {}, "'query'"),
        ("search_knowledge", {"query": " "}, "'query'"),
        ("search_knowledge", {"query": ["a"]}, "'query'"),
        ("drop_table", {}, "no such tool"),
        ("get_booking_link", {}, "no booking page"),
    ],
)
async def test_what_is_wrong_with_a_call_goes_back_to_the_model(
    world: World, tool: str, args: dict[str, object] | None, says: str
) -> None:
    _, claim = await world.asked()
    model = ScriptedLanguageModel(calling(tool, args), saying("Sorry."))
    run = await world.reply(claim, model)

    answer = model.prompts[1].turns[-1]
    assert isinstance(answer, ToolTurn)
    assert answer.failed
    assert says in answer.output
    assert run.steps[0].status == "error"
    assert await log_of(world, claim) == ["start 1", f"{tool}?", "error", "0:Sorry.", "end:Sorry."]


async def test_a_call_is_shown_with_plain_arguments_only(world: World) -> None:
    _, claim = await world.asked()
    args: dict[str, object] = {"query": "x", "deep": {"a": 1}, "n": 2, "yes": True, "none": None}
    run = await world.reply(claim, ScriptedLanguageModel(calling("list_services", args), saying("None.")))

    expected: dict[str, JsonValue] = {"query": "x", "n": 2, "yes": True}
    assert run.steps[0].args == expected


async def test_every_call_has_an_id_of_its_own_whatever_the_model_calls_it(world: World) -> None:
    visit, claim = await world.asked()
    twice: list[ModelEvent] = [ToolCall(id="", tool="list_services", args={})] * 2
    model = ScriptedLanguageModel([*twice, TOOLS], calling("list_services", {}, call_id=""), saying("None."))
    run = await world.reply(claim, model)

    assert len({step.id for step in run.steps}) == len(run.steps) == 3
    assert told(await world.shown(visit)) == ["start 1", *["list_services?", "ok"] * 3, "0:None.", "end:None."]


async def test_a_person_is_asked_for_once_the_tool_is_used(world: World) -> None:
    visit, claim = await world.asked()
    model = ScriptedLanguageModel(calling("ask_a_person", {}), calling("ask_a_person", {}), saying("Done."))
    at = world.clock.now()
    await world.reply(claim, ActingLanguageModel(model, {}))

    assert world.store.conversations.rows[visit.conversation_id].waiting_since == at
    assert world.happened().count("conversation.person_requested") == 1


async def test_tokens_are_counted_however_the_reply_ends(world: World) -> None:
    _, claim = await world.asked()
    call = ToolCall(id="a", tool="list_services", args={})
    first: list[ModelEvent] = [call, Finished(reason=StopReason.TOOLS, input_tokens=7)]
    run = await world.reply(claim, ScriptedLanguageModel(first, [ModelUnavailable("It is overloaded.")]))

    assert run.status is RunStatus.FAILED
    assert run.usage
    assert run.usage.input_tokens == 7


async def test_after_eight_rounds_of_tools_the_model_answers_without(world: World) -> None:
    _, claim = await world.asked()
    rounds = [calling("list_services", {}) for _ in range(MAX_ROUNDS)]
    model = ScriptedLanguageModel(*rounds, saying("That is all."))
    run = await world.reply(claim, model)

    assert [bool(tools) for tools in model.tools] == [True] * 8 + [False]
    assert len(run.steps) == 8
    assert run.text == "That is all."


async def test_a_model_that_calls_tools_it_was_not_offered_is_not_asked_again(world: World) -> None:
    _, claim = await world.asked()
    model = ScriptedLanguageModel(*(calling("list_services", {}, "So. ") for _ in range(MAX_ROUNDS + 1)))
    run = await world.reply(claim, model)

    assert (run.status, run.text) == (RunStatus.COMPLETED, "So. " * (MAX_ROUNDS + 1))


async def test_the_tokens_of_all_rounds_are_counted_where_the_model_tells_them(world: World) -> None:
    _, claim = await world.asked()
    model = ScriptedLanguageModel(
        [ToolCall(id="a", tool="list_services", args={}), replace(TOOLS, input_tokens=10, output_tokens=1)],
        [TextDelta("None."), replace(END, input_tokens=12)],
    )
    run = await world.reply(claim, model)

    assert run.usage
    assert (run.usage.input_tokens, run.usage.output_tokens) == (22, 1)


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


@pytest.mark.parametrize("last", [[], [END]])
async def test_a_reply_that_gets_too_long_is_cut_off(world: World, last: list[ModelEvent]) -> None:
    _, claim = await world.asked()
    piece = TextDelta("x" * 10_000)
    run = await world.reply(claim, ScriptedLanguageModel([*[piece] * 7, *last]))

    assert run.status is RunStatus.COMPLETED
    assert len(run.text) == REPLY_LENGTH


async def test_text_that_no_database_can_store_is_left_out(world: World) -> None:
    _, claim = await world.asked()
    model = ScriptedLanguageModel(
        calling("list_services", {"note\x00": "a\ud800b"}), saying("Six\x00ty ", "\x00", "\udfffeuros.")
    )
    run = await world.reply(claim, model)

    assert (run.status, run.text) == (RunStatus.COMPLETED, "Sixty euros.")
    assert run.steps[0].args == {"note": "ab"}


async def test_a_model_that_says_nothing_has_not_answered(world: World) -> None:
    _, claim = await world.asked()
    run = await world.reply(claim, ScriptedLanguageModel([END]))

    assert (run.status, run.error) == (RunStatus.FAILED, RunErrorCode.MODEL_UNAVAILABLE)


async def test_only_so_many_tools_are_called_at_once(world: World) -> None:
    _, claim = await world.asked()
    call = ToolCall(id="call", tool="list_services", args={})
    model = ScriptedLanguageModel([*[call] * (MAX_CALLS + 5), TOOLS], saying("Here they are."))
    run = await world.reply(claim, model)

    assert len(run.steps) == MAX_CALLS


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


async def test_an_unforeseen_error_leaves_the_job_to_another_try(world: World) -> None:
    _, claim = await world.asked()
    with pytest.raises(Crash):
        await world.reply(claim, ScriptedLanguageModel([TextDelta("Half"), Crash()]))

    assert world.run_of(claim).status is RunStatus.RUNNING
    assert world.job(claim.job_id).status is JobStatus.RUNNING


async def test_a_run_that_has_ended_is_not_made_again(world: World) -> None:
    visit, claim = await world.asked()
    await world.reply(claim, ScriptedLanguageModel(saying("Hello.")))
    job = world.job(claim.job_id)
    world.store.jobs.rows[job.id] = replace(job, status=JobStatus.QUEUED, ended_at=None)

    run = await world.reply(await world.claim(), ScriptedLanguageModel())

    assert (run.attempt, world.said(visit)) == (1, ["Hello?", "Hello."])


async def erase(world: World, visit: Visit) -> None:
    await EraseConversation(world.begin, world.conversations, world.log, world.clock)(
        visit.caller, visit.conversation_id
    )


@pytest.mark.parametrize("patience", [timedelta(0), timedelta(seconds=1)], ids=["at its end", "at a checkpoint"])
async def test_a_reply_whose_conversation_is_erased_meanwhile_leaves_nothing(world: World, patience: timedelta) -> None:
    visit, claim = await world.asked()

    async def erased() -> None:
        await erase(world, visit)
        world.clock.advance(patience)

    script = ScriptedLanguageModel(saying("Private", " words", " more"))
    make = world.generator(ActingLanguageModel(script, {" words": erased}))
    await make(job_of(claim), claim, MemoryJobProgress())

    assert await log_of(world, claim) == []
    assert not world.store.messages.rows
    assert not world.store.runs.rows


async def test_a_reply_whose_conversation_was_erased_before_is_not_begun(world: World) -> None:
    visit, claim = await world.asked()
    await erase(world, visit)
    await world.generator(ScriptedLanguageModel())(job_of(claim), claim, MemoryJobProgress())

    assert world.job(claim.job_id).status is JobStatus.RUNNING
    assert await log_of(world, claim) == []


async def test_a_reply_whose_workspace_is_gone_is_not_begun(world: World) -> None:
    _, claim = await world.asked()
    world.store.workspaces.rows.clear()
    await world.generator(ScriptedLanguageModel())(job_of(claim), claim, MemoryJobProgress())

    assert await log_of(world, claim) == []


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


async def test_a_run_names_who_answered_and_costs_what_each_call_did(world: World) -> None:
    _, claim = await world.asked()
    prices = PriceList.parse('{"a:one": {"input": 1, "output": 2}, "a:two": {"input": 10, "output": 20}}')
    call = ToolCall(id="call", tool="list_services", args={})
    tools = Finished(reason=StopReason.TOOLS, input_tokens=100, output_tokens=10, model="a:two")
    end = Finished(reason=StopReason.END, input_tokens=200, output_tokens=20)
    model = ScriptedLanguageModel([call, tools], [TextDelta("None."), end], name="a:one")
    await world.generator_of(model, prices=prices)(job_of(claim), claim, MemoryJobProgress())

    run = world.run_of(claim)
    assert (run.model, run.usage) == ("a:one", Usage(input_tokens=300, output_tokens=30, cost="0.00144"))


async def test_a_run_whose_model_has_no_price_has_no_cost(world: World) -> None:
    _, claim = await world.asked()
    end = Finished(reason=StopReason.END, input_tokens=1, output_tokens=1)
    run = await world.reply(claim, ScriptedLanguageModel([TextDelta("Hello."), end]))

    assert run.usage == Usage(input_tokens=1, output_tokens=1)


async def test_a_reply_whose_conversation_is_erased_while_its_facts_are_read_is_not_begun(world: World) -> None:
    visit, claim = await world.asked()

    class Late(MemoryConversationViews):
        @override
        async def reply_facts(self, run: Run) -> ReplyFacts | None:
            facts = await super().reply_facts(run)
            await erase(world, visit)
            return facts

    world.conversations = Late(world.store)
    await world.generator(ScriptedLanguageModel())(job_of(claim), claim, MemoryJobProgress())

    assert await log_of(world, claim) == []
    assert not world.store.runs.rows
