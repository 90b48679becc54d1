import json

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.dialogue import MAX_CALLS, MAX_ROUNDS
from application.ports.language_model import (
    ModelEvent,
)
from domain.conversations import RunStatus
from domain.json import JsonValue
from domain.prompts import AssistantTurn, ToolCall, ToolTurn, UserTurn
from tests.application.conversations.script import TOOLS, calling, log_of, saying, told
from tests.application.doubles import ActingLanguageModel
from tests.application.world import World


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
        ("report_unanswered", {"question": " "}, "'question'"),
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


async def test_only_so_many_tools_are_called_at_once(world: World) -> None:
    _, claim = await world.asked()
    call = ToolCall(id="call", tool="list_services", args={})
    model = ScriptedLanguageModel([*[call] * (MAX_CALLS + 5), TOOLS], saying("Here they are."))
    run = await world.reply(claim, model)

    assert len(run.steps) == MAX_CALLS
