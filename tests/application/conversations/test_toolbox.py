import json

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from adapters.offline.language_model import OfflineLanguageModel
from application.conversations.toolbox import TOOLS
from application.scheduling.connectors import AddConnector
from application.scheduling.services import AddService
from domain.conversations import RunStatus
from domain.prompts import ToolTurn
from domain.scheduling import ConnectorType
from tests.application.conversations.script import calling, saying
from tests.application.world import World


async def answer(world: World, tool: str, **args: object) -> object:
    """What the tool tells the model, in the workspace called ada."""
    await world.say(await world.visit("ada"))
    model = ScriptedLanguageModel(calling(tool, args), saying("Thanks."))
    await world.reply(await world.claim(), model)
    turn = model.prompts[-1].turns[-1]
    assert isinstance(turn, ToolTurn)
    assert not turn.failed
    return json.loads(turn.output)


async def test_services_that_are_offered_are_listed_in_order(world: World) -> None:
    owner, workspace = await world.owner()
    add = AddService(world.begin, world.clock)
    await add(owner, workspace.id, {"name": "Haircut", "duration_minutes": 30})
    await add(owner, workspace.id, {"name": "Perm", "active": False})
    await add(owner, workspace.id, {"name": "Shave"})

    assert await answer(world, "list_services") == ["Haircut: 30 minutes, in person.", "Shave: in person."]


async def test_the_booking_link_is_that_of_the_active_connector(world: World) -> None:
    owner, workspace = await world.owner()
    add = AddConnector(world.begin, world.secret_box, world.clock)
    urls = [f"https://calendly.com/ada/{number}" for number in range(3)]
    for url in urls:
        await add(owner, workspace.id, ConnectorType.CALENDLY, {"url": url}, active=url.endswith("1"))

    assert await answer(world, "get_booking_link") == {"url": urls[1], "provider": "calendly"}


async def test_knowledge_of_this_workspace_alone_is_searched(world: World) -> None:
    for name in ("ada", "eve"):
        owner, workspace = await world.owner(f"{name}@example.com")
        await world.edit(owner, workspace, {"knowledge_base": f"The haircut of {name}."})

    assert await answer(world, "search_knowledge", query="haircut") == [{"heading": "", "text": "The haircut of ada."}]


@pytest.mark.parametrize("query", ["x" * 100_000, "\0", "' or 1=1 --"])
async def test_any_query_is_answered(world: World, query: str) -> None:
    await world.owner()

    assert await answer(world, "search_knowledge", query=query) == []


def test_tools_take_no_arguments_but_the_named_ones() -> None:
    names = "search_knowledge list_services get_booking_link ask_a_person report_unanswered"
    assert [tool.name for tool in TOOLS] == names.split()
    assert all(tool.parameters["additionalProperties"] is False for tool in TOOLS)


async def test_a_question_reported_as_unanswered_makes_the_reply_no_answer(world: World) -> None:
    _, claim = await world.asked("Do you groom cats?")
    model = ScriptedLanguageModel(calling("report_unanswered", {"question": "Do you groom cats?"}), saying("No idea."))
    run = await world.reply(claim, model)

    assert (run.status, run.answered, run.text) == (RunStatus.COMPLETED, False, "No idea.")
    assert [(step.tool, step.args) for step in run.steps] == [("report_unanswered", {"question": "Do you groom cats?"})]


async def test_the_offline_model_reports_what_it_does_not_know(world: World) -> None:
    visit, claim = await world.asked("Do you groom cats?")
    run = await world.reply(claim, OfflineLanguageModel())

    assert (run.status, run.answered) == (RunStatus.COMPLETED, False)
    assert [(step.tool, step.status, step.offset) for step in run.steps] == [("report_unanswered", "ok", 0)]
    assert world.said(visit)[1].startswith("I don't know")
