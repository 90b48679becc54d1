import pytest

from adapters.memory.callers import MemoryCallers
from application.conversations.start_conversation import StartConversation, StartConversationCommand
from domain.errors import Invalid, NotFound
from domain.identity import SessionLife
from tests.application.world import World


def start(world: World) -> StartConversation:
    return StartConversation(world.begin, world.workspaces, world.clock)


async def test_the_token_opens_this_conversation_and_no_other(world: World) -> None:
    await world.owner()
    started = await start(world)(StartConversationCommand(workspace_handle="ada"))
    another = await world.visit("ada")

    caller = await MemoryCallers(world.store, world.clock, SessionLife()).of_token(started.visitor_token)

    caller.must_visit(started.conversation_id)
    assert caller.grants == {}
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


@pytest.mark.parametrize("email", ["grace", "grace@", "@example.com", "gr ace@example.com", "a@b@c.example", "e" * 321])
async def test_an_e_mail_that_no_letter_can_be_sent_to_starts_nothing(world: World, email: str) -> None:
    await world.owner()

    with pytest.raises(Invalid) as refused:
        await start(world)(StartConversationCommand(workspace_handle="ada", visitor_email=email))
    assert [fault.pointer for fault in refused.value.faults] == ["/visitor_email"]
    assert not world.store.conversations.rows


@pytest.mark.parametrize(("told", "kept"), [(" Grace@Example.com ", "grace@example.com"), (" ", None), (None, None)])
async def test_an_e_mail_is_kept_in_lower_case_and_none_is_needed(
    world: World, told: str | None, kept: str | None
) -> None:
    await world.owner()
    await start(world)(StartConversationCommand(workspace_handle="ada", visitor_email=told))

    (conversation,) = world.store.conversations.rows.values()
    assert conversation.visitor.email == kept


async def test_a_name_that_cannot_be_taken_starts_nothing(world: World) -> None:
    await world.owner()

    with pytest.raises(Invalid):
        await start(world)(StartConversationCommand(workspace_handle="ada", visitor_name="x" * 201))
    assert not world.store.conversations.rows
    assert not world.store.credentials.rows
