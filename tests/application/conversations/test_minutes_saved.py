import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.language_model import Step as ScriptStep
from application.ports.language_model import Finished, ModelUnavailable, StopReason, TextDelta
from application.scheduling.connectors import AddConnector
from domain.prompts import ToolCall
from domain.scheduling import ConnectorType
from tests.application.world import World

BOOK = (
    ToolCall(id="a", tool="get_booking_link", args={}),
    ToolCall(id="b", tool="get_booking_link", args={}),
    Finished(reason=StopReason.TOOLS),
)
REPORT = (ToolCall(id="c", tool="report_unanswered", args={"question": "When?"}), Finished(reason=StopReason.TOOLS))
SAID = (TextDelta("Here you are."), Finished(reason=StopReason.END))
BROKEN = (TextDelta("Here"), ModelUnavailable())


@pytest.mark.parametrize(
    ("script", "links", "minutes"),
    [
        ((SAID,), 0, 10),
        ((BOOK, SAID), 1, 30),
        ((REPORT, SAID), 0, 0),
        ((BOOK, REPORT, SAID), 1, 20),
        ((BOOK, BROKEN), None, 0),
    ],
)
async def test_a_reply_saves_minutes_as_the_workspace_reckons(
    world: World, script: tuple[tuple[ScriptStep, ...], ...], links: int | None, minutes: int
) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"savings": {"minutes_per_answer": 10, "minutes_per_booking": 20}})
    add_connector = AddConnector(world.begin, world.secret_box, world.clock)
    await add_connector(owner, workspace.id, ConnectorType.LINK, {"url": "https://book.example/"}, active=True)
    visit = await world.visit(workspace.handle)
    await world.say(visit)
    await world.reply(await world.claim(), ScriptedLanguageModel(*script))
    assert world.store.conversations.rows[visit.conversation_id].minutes_saved == minutes
    told = [event.data for event in world.events(workspace.id) if event.type == "run.completed"]
    expected = [] if links is None else [(links, minutes)]
    assert [(data["booking_links"], data["minutes_saved"]) for data in told] == expected
