import asyncio
from dataclasses import replace
from typing import Any

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.erase_conversation import EraseConversation
from application.conversations.receive_message import (
    ReceivedMessage,
    ReceiveMessage,
    ReceiveMessageCommand,
    Sender,
)
from application.ports.language_model import Finished, StopReason, TextDelta
from application.ports.workspaces import WorkspaceView
from domain.access import Caller, Grant, Role
from domain.conversations import Channel, Conversation, ConversationStatus, HandledBy, Visitor
from domain.errors import Forbidden, Invalid, NotFound
from domain.workspaces import WorkspaceInactive
from tests.application.world import World

ANSWER = (TextDelta("Behind the house."), Finished(reason=StopReason.END))


async def bring(
    world: World, caller: Caller, workspace: WorkspaceView, message_id: str = "m-1", **changes: Any
) -> tuple[ReceivedMessage, bool]:
    command = ReceiveMessageCommand(
        workspace_id=workspace.id,
        channel=Channel.WHATSAPP,
        thread_id="420123",
        message_id=message_id,
        sender=Sender(),
        text="Do you have parking?",
    )
    receive = ReceiveMessage(world.begin, world.workspaces, world.clock)
    return await receive(caller, replace(command, **changes))


def conversation_of(world: World, received: ReceivedMessage) -> Conversation:
    return world.store.conversations.rows[received.message.conversation_id]


def counts(world: World) -> tuple[int, int, int, int]:
    store = world.store
    return len(store.conversations.rows), len(store.messages.rows), len(store.runs.rows), len(store.jobs.rows)


async def test_the_first_message_of_a_thread_begins_its_conversation_and_is_answered_as_on_the_web(
    world: World,
) -> None:
    owner, workspace = await world.owner()
    received, new = await bring(world, owner, workspace, sender=Sender(name="Věra", id="420777"))
    conversation = conversation_of(world, received)
    assert new
    assert (conversation.channel, conversation.external_id) == (Channel.WHATSAPP, "420123")
    assert conversation.visitor == Visitor(name="Věra", email=None)
    assert (received.message.role, received.message.content) == ("visitor", "Do you have parking?")
    assert received.message.metadata == {"sender_id": "420777"}
    run = await world.reply(await world.claim(), ScriptedLanguageModel(ANSWER))
    assert (run.message_id, run.text) == (received.message.id, "Behind the house.")
    assert [event.type for event in world.events(workspace.id)][-4:] == [
        "conversation.started",
        "message.posted",
        "run.started",
        "run.completed",
    ]


async def test_nothing_told_of_the_sender_or_said_gets_into_the_activity(world: World) -> None:
    owner, workspace = await world.owner()
    sender = Sender(name="Planted Name", email="planted@example.com", id="planted-id")
    await bring(world, owner, workspace, sender=sender, thread_id="planted-thread", text="planted text")
    assert "planted" not in repr(world.events(workspace.id)).lower()


async def test_a_message_that_is_brought_again_has_no_second_effect_and_the_same_answer(world: World) -> None:
    owner, workspace = await world.owner()
    first, _ = await bring(world, owner, workspace)
    before = counts(world), len(world.events(workspace.id))
    again, new = await bring(world, owner, workspace, text="Something else", message_id=" m-1 ")
    assert (again, new) == (first, False)
    assert (counts(world), len(world.events(workspace.id))) == before


async def test_a_repeat_tells_how_its_run_is_now(world: World) -> None:
    owner, workspace = await world.owner()
    await bring(world, owner, workspace)
    run = await world.reply(await world.claim(), ScriptedLanguageModel(ANSWER))
    again, _ = await bring(world, owner, workspace)
    assert again.run is not None
    assert (again.run.id, again.run.status) == (run.id, "completed")


async def test_equal_first_messages_at_once_make_one_conversation_one_message_and_one_run(world: World) -> None:
    owner, workspace = await world.owner()
    answers = await asyncio.gather(*(bring(world, owner, workspace) for _ in range(20)))
    assert counts(world) == (1, 1, 1, 1)
    assert {received.message.id for received, _ in answers} == set(world.store.messages.rows)
    assert [new for _, new in answers].count(True) == 1


async def test_two_first_messages_of_a_thread_at_once_share_its_conversation(world: World) -> None:
    owner, workspace = await world.owner()
    answers = await asyncio.gather(*(bring(world, owner, workspace, f"m-{number}") for number in range(2)))
    assert counts(world) == (1, 2, 2, 2)
    assert [new for _, new in answers] == [True, True]


async def test_threads_are_told_apart_by_channel_and_workspace(world: World) -> None:
    owner, workspace = await world.owner()
    other, elsewhere = await world.owner("eve@example.com")
    received = [
        (await bring(world, owner, workspace))[0],
        (await bring(world, owner, workspace, channel=Channel.SMS))[0],
        (await bring(world, owner, workspace, thread_id="420124"))[0],
        (await bring(world, other, elsewhere))[0],
    ]
    assert len({each.message.conversation_id for each in received}) == 4


async def test_later_messages_join_the_conversation_and_tell_what_was_not_known_of_the_visitor(world: World) -> None:
    owner, workspace = await world.owner()
    await bring(world, owner, workspace, "m-1", sender=Sender(name="Věra"))
    received, _ = await bring(world, owner, workspace, "m-2", sender=Sender(name="Eve", email="vera@example.com"))
    assert received.message.position == 2
    assert conversation_of(world, received).visitor == Visitor(name="Věra", email="vera@example.com")


@pytest.mark.parametrize("status", [ConversationStatus.CLOSED, ConversationStatus.ARCHIVED])
async def test_a_closed_conversation_is_opened_again(world: World, status: ConversationStatus) -> None:
    owner, workspace = await world.owner()
    received, _ = await bring(world, owner, workspace, "m-1")
    rows = world.store.conversations.rows
    rows[received.message.conversation_id] = conversation_of(world, received).edited(
        {"status": status}, world.clock.now()
    )
    received, _ = await bring(world, owner, workspace, "m-2")
    conversation = conversation_of(world, received)
    assert (conversation.status, conversation.closed_at) == (ConversationStatus.OPEN, None)
    edited = [event.data for event in world.events(workspace.id) if event.type == "conversation.edited"]
    assert [(data["fields"], data["status"]) for data in edited] == [(["status"], "open")]


async def test_however_many_wait_a_message_joins_them(world: World) -> None:
    owner, workspace = await world.owner()
    for number in range(12):
        received, new = await bring(world, owner, workspace, f"m-{number}")
        assert (new, received.run is not None) == (True, True)


async def test_the_assistant_is_silent_while_a_person_handles_the_conversation(world: World) -> None:
    owner, workspace = await world.owner()
    received, _ = await bring(world, owner, workspace, "m-1")
    taken = conversation_of(world, received).taken_over(owner.actor, world.clock.now())
    world.store.conversations.rows[taken.id] = taken
    received, _ = await bring(world, owner, workspace, "m-2")
    again, _ = await bring(world, owner, workspace, "m-2")
    assert conversation_of(world, received).handled_by is HandledBy.HUMAN
    assert received.run is None
    assert again == received


async def test_a_thread_whose_conversation_was_erased_begins_anew(world: World) -> None:
    owner, workspace = await world.owner()
    first, _ = await bring(world, owner, workspace)
    visitor = Caller(actor=conversation_of(world, first).visitor_actor, conversation_id=first.message.conversation_id)
    await EraseConversation(world.begin, world.log, world.clock)(visitor, first.message.conversation_id)
    second, new = await bring(world, owner, workspace)
    assert new
    assert second.message.conversation_id != first.message.conversation_id


async def test_an_inactive_workspace_takes_no_message(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"active": False})
    with pytest.raises(WorkspaceInactive):
        await bring(world, owner, workspace)
    assert counts(world)[0] == 0


async def test_only_who_may_bring_messages_does(world: World) -> None:
    owner, workspace = await world.owner()
    with pytest.raises(NotFound):
        await bring(world, world.stranger(), workspace)
    for role in (Role.MEMBER, Role.VIEWER):
        with pytest.raises(Forbidden):
            await bring(world, replace(owner, grants={workspace.id: Grant.of(role)}), workspace)


async def test_visitors_of_the_web_do_not_come_through_a_bridge(world: World) -> None:
    owner, workspace = await world.owner()
    with pytest.raises(NotFound):
        await bring(world, owner, workspace, channel=Channel.WEB)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"thread_id": " "}, "/thread_id"),
        ({"message_id": "x" * 201}, "/message_id"),
        ({"sender": Sender(id=" ")}, "/sender/id"),
        ({"sender": Sender(name="x" * 201)}, "/sender/name"),
        ({"text": "\t"}, "/text"),
        ({"text": "x" * 8_001}, "/text"),
    ],
)
async def test_what_cannot_be_taken_is_named(world: World, changes: dict[str, Any], pointer: str) -> None:
    owner, workspace = await world.owner()
    with pytest.raises(Invalid) as refused:
        await bring(world, owner, workspace, **changes)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert counts(world) == (0, 0, 0, 0)
