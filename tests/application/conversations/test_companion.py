from dataclasses import replace
from typing import cast

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from adapters.offline.language_model import OfflineLanguageModel
from application.conversations.retry_run import RetryRun
from application.conversations.start_companion import StartCompanion
from application.conversations.take_over import TakeOver
from application.ports.language_model import Finished, ModelUnavailable, StopReason, TextDelta
from domain.access import Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.conversations import (
    ConversationClosed,
    ConversationKind,
    ConversationStatus,
    IfBusy,
    Message,
    MessageRole,
    NotToBeTakenOver,
    RunInProgress,
    RunStatus,
)
from domain.errors import Forbidden, NotFound
from domain.identity import Profile
from domain.ids import UserId, new_id
from domain.memories import Tier
from domain.prompts import ToolCall, ToolTurn, UserTurn, mark
from tests.application.conversations.companion import Talk, a_talk, begun, joined, rebuild
from tests.application.conversations.members import Side
from tests.application.world import Visit, World

END = Finished(reason=StopReason.END, input_tokens=10, output_tokens=2)


@pytest.fixture
async def talk(world: World) -> Talk:
    return await a_talk(world)


async def test_a_message_to_ones_companion_is_answered_from_what_one_has_told_it(talk: Talk) -> None:
    memory = await talk.has_told("My sister's name is Mia.")
    run = await talk.ask("What is my sister's name?")
    reply = talk.reply(run)
    assert run.status is RunStatus.COMPLETED
    assert reply.content == "You told me: “My sister's name is Mia.”"
    assert reply.metadata == {"memories": [str(memory.id)], "documents": []}
    assert [message.role for message in _messages(talk)] == [MessageRole.MEMBER, MessageRole.ASSISTANT]


async def test_a_companion_says_what_it_does_not_know(talk: Talk) -> None:
    await talk.has_told("My sister's name is Mia.")
    run = await talk.ask("What is my dentist's address?")
    assert run.text == "I don't know that. Tell me, and I will remember it."
    assert talk.reply(run).metadata == {"memories": [], "documents": []}


async def test_only_what_a_reply_rests_on_counts_as_recalled(talk: Talk) -> None:
    used, unused = await talk.has_told("My sister's name is Mia."), await talk.has_told("I am allergic to peanuts.")
    await talk.ask("What is my sister's name?")
    memories = talk.world.store.memories.rows
    assert [memories[each.id].access_count for each in (used, unused)] == [1, 0]


async def test_a_companion_remembers_on_demand_and_knows_where_from(talk: Talk) -> None:
    run = await talk.ask("Please remember that my dog is called Rex")
    (memory,) = talk.world.store.memories.rows.values()
    assert run.text == "I will remember that: “My dog is called Rex.”"
    assert (memory.content, memory.tier, memory.owner_id) == (
        "My dog is called Rex.",
        Tier.PERSONAL,
        talk.caller.actor.id,
    )
    assert memory.source.id == run.message_id
    assert (await talk.ask("What is my dog called?")).text == "You told me: “My dog is called Rex.”"


async def test_to_be_asked_to_remember_the_same_twice_adds_nothing(talk: Talk) -> None:
    await talk.ask("Remember that my dog is called Rex.")
    run = await talk.ask("Remember that my dog is called Rex.")
    assert len(talk.world.store.memories.rows) == 1
    (memory_id,) = talk.world.store.memories.rows
    assert run.steps[0].output == {"status": "That was remembered already.", "mark": mark(1), "id": str(memory_id)}


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param("forget that", id="what was spoken of"),
        pytest.param("Forget my dog's name. My dog is called Rex", id="by its words"),
        pytest.param("Please forget about my dog", id="by a word"),
    ],
)
async def test_a_companion_forgets_on_demand(talk: Talk, wish: str) -> None:
    memory = await talk.has_told("My dog is called Rex.")
    await talk.ask("What is my dog called?")
    run = await talk.ask(wish)
    assert [(step.tool, step.status) for step in run.steps] == [("forget", "ok")]
    assert talk.world.store.memories.rows[memory.id].deleted_at is not None
    assert (await talk.ask("What is my dog called?")).text.startswith("I don't know that.")


@pytest.mark.parametrize(
    "wish", ["forget that", "Forget my bank account", "Forget the dog licence invoice number", "forget [[7]]"]
)
async def test_what_is_not_meant_is_not_forgotten(talk: Talk, wish: str) -> None:
    await talk.has_told("My dog is called Rex.")
    run = await talk.ask(wish)
    assert [(step.tool, step.status) for step in run.steps] == [("forget", "error")]
    assert all(memory.deleted_at is None for memory in talk.world.store.memories.rows.values())


async def test_nobody_elses_memory_is_told_or_forgotten_though_it_is_shared(talk: Talk) -> None:
    other = await begun(talk.world, joined(talk.world, talk.workspace_id, Role.MEMBER), talk.workspace_id)
    memory = await other.has_told("My dog is called Rex.")
    row = talk.world.store.memories.rows[memory.id]
    talk.world.store.memories.rows[memory.id] = replace(row, shared=True)
    assert (await talk.ask("What is my dog called?")).text.startswith("I don't know that.")
    assert (await talk.ask("Forget my dog is called Rex")).steps[0].status == "error"


async def test_a_model_is_given_the_memories_fenced_with_marks_and_its_marks_are_shown_to_nobody(talk: Talk) -> None:
    memory = await talk.has_told("My sister's name is Mia.")
    model = ScriptedLanguageModel([TextDelta("Her name "), TextDelta("is Mia [["), TextDelta("1]]."), END])
    run = await talk.ask("What is my sister's name?", model)
    (prompt,) = model.prompts
    assert "[[1]] personal memory, 2026-01-02\nMy sister's name is Mia." in prompt.system
    assert (prompt.version, run.prompt_version) == ("companion-1", "companion-1")
    assert run.text == "Her name is Mia."
    assert talk.reply(run).metadata == {"memories": [str(memory.id)], "documents": []}


async def test_a_model_may_recall_more_and_cite_it(talk: Talk) -> None:
    for number in range(12):
        await talk.has_told(f"Tram {number} goes to the harbour.", Tier.TASK)
    memory = await talk.has_told("My locker code is 4711.")
    call = ToolCall(id="1", tool="recall", args={"query": "locker code"})
    marks = " ".join(mark(number) for number in range(1, 30))
    model = ScriptedLanguageModel(
        [call, Finished(reason=StopReason.TOOLS)], [TextDelta(f"It is 4711 {marks}."), END], [TextDelta("4711."), END]
    )
    run = await talk.ask("Where do trams go?", model)
    (found,) = cast("list[dict[str, str]]", run.steps[0].output)
    assert found["id"] == str(memory.id)
    assert found["mark"] not in model.prompts[0].system
    assert "My locker code is 4711." in cast("ToolTurn", model.prompts[1].turns[-1]).output
    assert run.text == "It is 4711."
    assert str(memory.id) in cast("list[str]", talk.reply(run).metadata["memories"])
    assert talk.reply(await talk.ask("Where do trams go?", model)).metadata == {"memories": [], "documents": []}


async def test_who_the_user_is_and_what_they_said_of_late_is_always_known(talk: Talk) -> None:
    await talk.has_told("I am vegan.")
    await talk.has_told("Call the plumber.", Tier.TASK)
    await rebuild(talk)
    model = ScriptedLanguageModel([TextDelta("Sunny [[1]]."), END])
    run = await talk.ask("How is the weather?", model)
    assert "[[1]] personal memory\nI am vegan." in model.prompts[0].system
    assert "memory\nCall the plumber." in model.prompts[0].system
    assert len(cast("list[str]", talk.reply(run).metadata["memories"])) == 1


async def test_the_prompt_says_who_the_user_is_and_when_it_is_there(talk: Talk) -> None:
    users = talk.world.store.users.rows
    user = users[UserId(talk.caller.actor.id)]
    users[user.id] = replace(
        user, profile=Profile(preferred_name="Addie", pronouns="she/her", timezone="America/New_York")
    )
    model = ScriptedLanguageModel([TextDelta("Hello"), END])
    await talk.ask("Hello there, who am I?", model)
    (prompt,) = model.prompts
    assert "companion of Addie" in prompt.instructions
    assert "she/her" in prompt.instructions
    assert "(America/New_York)" in prompt.instructions
    assert prompt.turns == (UserTurn(text="Hello there, who am I?"),)


async def test_a_companion_is_offered_its_own_tools_alone(talk: Talk) -> None:
    model = ScriptedLanguageModel([TextDelta("Hello"), END])
    await talk.ask("What now?", model)
    assert [tool.name for tool in model.tools[0]] == ["remember", "recall", "forget", "search_knowledge"]


async def test_the_documents_of_the_workspace_can_be_asked_for(talk: Talk) -> None:
    workspace = await talk.world.workspaces.workspace(talk.workspace_id)
    assert workspace
    await talk.world.edit(talk.caller, workspace, {"knowledge_base": "# Wi-Fi\n\nThe password is harbour."})
    run = await talk.ask("What is the Wi-Fi password?")
    assert run.text == "The password is harbour. (Wi-Fi)"
    assert talk.reply(run).metadata == {"memories": [], "documents": [str(workspace.id)]}


async def test_a_message_sent_while_the_companion_replies_waits_or_is_refused_as_its_sender_likes(talk: Talk) -> None:
    first = await talk.say("Hello")
    with pytest.raises(RunInProgress):
        await talk.say("And?", IfBusy.REJECT)
    second = await talk.say("Never mind.", IfBusy.INTERRUPT)
    assert talk.world.run_for(first).status is RunStatus.CANCELLED
    assert talk.world.run_for(second).status is RunStatus.QUEUED


async def test_a_failed_reply_can_be_asked_for_once_more(talk: Talk) -> None:
    await talk.has_told("My sister's name is Mia.")
    run = await talk.ask("What is my sister's name?", ScriptedLanguageModel([ModelUnavailable()]))
    assert run.status is RunStatus.FAILED
    await RetryRun(talk.world.begin, talk.world.clock)(talk.caller, run.id)
    again = await talk.world.reply(await talk.world.claim(), OfflineLanguageModel())
    assert again.text == "You told me: “My sister's name is Mia.”"


async def test_nobody_stands_in_for_a_companion(talk: Talk) -> None:
    with pytest.raises(NotToBeTakenOver):
        await TakeOver(talk.world.begin, talk.world.clock)(talk.caller, talk.conversation_id)


async def test_a_closed_conversation_is_to_be_opened_again_first(talk: Talk) -> None:
    side = Side(talk.world, Visit(caller=talk.caller, conversation_id=talk.conversation_id), talk.caller)
    await side.edit({"status": ConversationStatus.CLOSED})
    with pytest.raises(ConversationClosed):
        await talk.say("Hello?")


async def test_a_companion_at_its_limit_says_so_and_asks_for_nobody(talk: Talk) -> None:
    workspace = await talk.world.workspaces.workspace(talk.workspace_id)
    assert workspace
    await talk.world.edit(talk.caller, workspace, {"limits": {"tokens_per_day": 1}})
    await talk.ask("Hello", ScriptedLanguageModel([TextDelta("Hi"), END]))
    run = await talk.ask("Hello", ScriptedLanguageModel([TextDelta("Hi"), END]))
    assert run.text == "I have reached my limit for now. Let us go on later."
    assert talk.world.store.conversations.rows[talk.conversation_id].waiting_since is None


async def test_who_may_only_look_begins_nothing(world: World) -> None:
    _, workspace = await world.owner()
    start = StartCompanion(world.begin, world.clock)
    with pytest.raises(Forbidden):
        await start(joined(world, workspace.id, Role.VIEWER), workspace.id)
    with pytest.raises(NotFound):
        await start(world.stranger(), workspace.id)
    agent = Actor(ActorType.AGENT, new_id(world.clock.now()), "Agent")
    with pytest.raises(NotFound):
        await start(Caller(actor=agent, grants={workspace.id: Grant.of(Role.OWNER)}), workspace.id)


async def test_a_new_conversation_is_with_the_companion_of_who_began_it(talk: Talk) -> None:
    conversation = talk.world.store.conversations.rows[talk.conversation_id]
    assert (conversation.kind, conversation.user_id) == (ConversationKind.COMPANION, talk.caller.actor.id)


def _messages(talk: Talk) -> list[Message]:
    rows = talk.world.store.messages.rows.values()
    return sorted((row for row in rows if row.conversation_id == talk.conversation_id), key=lambda row: row.position)
