import pytest

from adapters.memory.token_verifier import MemoryTokenVerifier
from application.conversations.start_conversation import StartConversation, StartConversationCommand
from domain.errors import Invalid, NotFound
from tests.application.world import World


def start(world: World) -> StartConversation:
    return StartConversation(world.begin, world.workspaces, world.clock)


async def test_the_token_opens_this_conversation_and_no_other(world: World) -> None:
    await world.owner()
    started = await start(world)(StartConversationCommand(workspace_handle="ada"))
    another = await world.visit("ada")

    caller = await MemoryTokenVerifier(world.store, world.clock).verify(started.visitor_token)

    caller.must_visit(started.conversation_id)
    assert caller.roles == {}
    with pytest.raises(NotFound):
        caller.must_visit(another.conversation_id)


async def test_activity_says_that_a_visitor_came_and_not_who(world: World) -> None:
    _, workspace = await world.owner()
    await start(world)(
        StartConversationCommand(workspace_handle="ada", visitor_name="Grace Hopper", visitor_email="grace@example.com")
    )

    (conversation,) = world.store.conversations.rows.values()
    assert (conversation.visitor.name, conversation.visitor.email) == ("Grace Hopper", "grace@example.com")
    event = world.events(workspace.id)[-1]
    assert event.type == "conversation.started"
    assert "race" not in repr(event)


async def test_nobody_talks_to_a_workspace_that_is_absent_or_inactive(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"active": False})

    for handle in ("ada", "nobody"):
        with pytest.raises(NotFound):
            await start(world)(StartConversationCommand(workspace_handle=handle))


async def test_a_name_that_cannot_be_taken_starts_nothing(world: World) -> None:
    await world.owner()

    with pytest.raises(Invalid):
        await start(world)(StartConversationCommand(workspace_handle="ada", visitor_name="x" * 201))
    assert not world.store.conversations.rows
    assert not world.store.credentials.rows
