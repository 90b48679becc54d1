from collections.abc import Mapping
from typing import cast
from uuid import uuid4

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.knowledge.indexing import Content, index
from application.memories.change_memory import RemoveMemory
from application.ports.language_model import Finished, StopReason, TextDelta
from domain.conversations import ConversationEdited, Step
from domain.ids import UserId
from domain.json import JsonValue
from domain.knowledge import Source, SourceKind, Standing
from domain.memories import Tier
from domain.prompts import ToolCall
from tests.application.conversations.companion import Talk, a_talk
from tests.application.world import World

END = Finished(reason=StopReason.END)
TOOLS = Finished(reason=StopReason.TOOLS)


@pytest.fixture
async def talk(world: World) -> Talk:
    return await a_talk(world)


async def using(
    talk: Talk, tool: str, args: Mapping[str, object] | None, question: str = "What about my sister?"
) -> Step:
    """What came of a tool that the model calls while it answers the question."""
    call = ToolCall(id="1", tool=tool, args=args)
    run = await talk.ask(question, ScriptedLanguageModel([call, TOOLS], [TextDelta("So."), END]))
    (step,) = run.steps
    return step


@pytest.mark.parametrize(
    ("tool", "args", "error"),
    [
        pytest.param("remember", None, "not a JSON object", id="no object"),
        pytest.param("dance", {}, "There is no such tool.", id="no tool"),
        pytest.param("remember", {}, "'content' is a text.", id="nothing to remember"),
        pytest.param("remember", {"content": "x" * 10_001}, "'content' is one sentence.", id="too much to remember"),
        pytest.param("recall", {"query": " "}, "'query' is a text.", id="nothing to recall"),
        pytest.param("search_knowledge", {"query": 7}, "'query' is a text.", id="no text to search for"),
        pytest.param("forget", {"what": 7}, "There is no such memory.", id="nothing that was spoken of"),
        pytest.param("forget", {"what": "my bank account"}, "There is no such memory.", id="nothing of these words"),
        pytest.param("forget", {"what": "[[99]]"}, "There is no such memory.", id="a mark of nothing"),
    ],
)
async def test_what_cannot_be_done_goes_back_to_the_model(
    talk: Talk, tool: str, args: Mapping[str, object] | None, error: str
) -> None:
    step = await using(talk, tool, args)
    assert step.status == "error"
    assert error in str(step.output)


@pytest.mark.parametrize(
    ("tier", "kept"), [("task", Tier.TASK), ("project", Tier.PROJECT), (None, Tier.PERSONAL), ("odd", Tier.PERSONAL)]
)
async def test_what_is_remembered_has_the_tier_that_was_said_or_is_personal(
    talk: Talk, tier: str | None, kept: Tier
) -> None:
    await using(talk, "remember", {"content": "The rent is due.", "tier": tier})
    (memory,) = talk.world.store.memories.rows.values()
    assert memory.tier is kept


async def test_a_memory_is_forgotten_by_its_mark(talk: Talk) -> None:
    memory = await talk.has_told("My sister's name is Mia.")
    step = await using(talk, "forget", {"what": "[[1]]"})
    assert cast("Mapping[str, JsonValue]", step.output)["text"] == "My sister's name is Mia."
    assert talk.world.store.memories.rows[memory.id].deleted_at is not None


async def test_a_document_is_not_forgotten(talk: Talk) -> None:
    await _with_knowledge(talk, "# Sister\n\nOur sister studio is in Brno.")
    assert (await using(talk, "forget", {"what": "1"}, "Where is the sister studio?")).status == "error"


async def test_what_was_forgotten_once_cannot_be_forgotten_again_by_its_mark(talk: Talk) -> None:
    await talk.has_told("My sister's name is Mia.")
    calls = [ToolCall(id=str(number), tool="forget", args={"what": "1"}) for number in range(2)]
    model = ScriptedLanguageModel([*calls, TOOLS], [TextDelta("So."), END])
    run = await talk.ask("What is my sister's name?", model)
    assert [step.status for step in run.steps] == ["ok", "error"]
    assert run.forgot


async def test_of_several_that_were_spoken_of_the_one_that_was_asked_for_is_forgotten(talk: Talk) -> None:
    told = [await talk.has_told(text) for text in ("My sister's name is Mia.", "I am allergic to peanuts.")]
    model = ScriptedLanguageModel([TextDelta("Mia [[1]] and peanuts [[2]]."), END])
    await talk.ask("What am I allergic to?", model)
    await using(talk, "forget", {}, "Forget that.")
    rows = talk.world.store.memories.rows
    assert [rows[memory.id].deleted_at is None for memory in told] == [True, False]


async def test_documents_are_searched_for_all_members(talk: Talk) -> None:
    await _with_knowledge(talk, "# Wi-Fi\n\nThe password is harbour.")
    step = await using(talk, "search_knowledge", {"query": "password"})
    (hit,) = cast("list[Mapping[str, JsonValue]]", step.output)
    assert (hit["kind"], hit["heading"], hit["text"]) == ("document", "Wi-Fi", "The password is harbour.")


async def test_what_one_wants_is_recalled_when_goals_are_spoken_of(talk: Talk) -> None:
    await talk.has_told("I want to run a marathon in October.", Tier.PROJECT)
    model = ScriptedLanguageModel([TextDelta("A marathon [[1]]."), END], [TextDelta("Nothing."), END])
    await talk.ask("What are my goals?", model)
    await talk.ask("What is the weather like?", model)
    assert ["marathon" in prompt.system for prompt in model.prompts] == [True, False]


async def test_a_question_that_leans_is_looked_for_with_the_one_before(talk: Talk) -> None:
    await talk.has_told("My sister's name is Mia, and she is 31.")
    model = ScriptedLanguageModel([TextDelta("Mia."), END], [TextDelta("31."), END])
    await talk.ask("Who is my sister?", model)
    await talk.ask("And her age?", model)
    assert all("she is 31" in prompt.system for prompt in model.prompts)


async def _with_knowledge(talk: Talk, knowledge: str) -> None:
    workspace = await talk.world.workspaces.workspace(talk.workspace_id)
    assert workspace
    await talk.world.edit(talk.caller, workspace, {"knowledge_base": knowledge})


async def test_what_is_gone_for_good_is_not_forgotten_once_more(talk: Talk) -> None:
    memory = await talk.has_told("My dog is called Rex.")
    await talk.ask("What is my dog called?")
    remove = RemoveMemory(talk.world.begin, talk.world.clock)
    await remove(talk.caller, memory.id, for_good=True)
    step = await using(talk, "forget", {}, "Forget that.")
    assert (step.status, step.output) == ("error", "There is no such memory any more.")


async def test_messages_that_say_the_same_are_found_no_more_and_others_are(talk: Talk) -> None:
    await talk.has_told("My dog is called Rex.")
    for text in ("Remember that my dog is called Rex!", "My dog likes the park."):
        await _heard(talk, text)
    await using(talk, "forget", {"what": "my dog is called Rex"})
    step = await using(talk, "recall", {"query": "my dog"})
    assert [hit["text"] for hit in cast("list[Mapping[str, JsonValue]]", step.output)] == ["My dog likes the park."]


async def _heard(talk: Talk, text: str) -> None:
    """The user has said it to their companion before."""
    world, user_id, now = talk.world, UserId(talk.caller.actor.id), talk.world.clock.now()
    source, standing = Source(SourceKind.MESSAGE, uuid4()), Standing(owner_id=user_id, reader_id=user_id, at=now)
    async with world.begin() as work:
        await index(work, talk.workspace_id, source, Content(text, "en", heading="Ada"), standing, now)
        work.record(
            ConversationEdited(
                workspace_id=talk.workspace_id,
                actor=talk.caller.actor,
                at=now,
                conversation_id=talk.conversation_id,
                fields=(),
                status="open",
            )
        )
        await work.commit(None)
