import pytest

from adapters.memory.conversation_lists import MemoryConversationLists
from adapters.memory.exports import MemoryConversationExports
from application.conversations.erase_conversation import EraseConversation
from application.conversations.export_conversation import ExportConversation
from domain.access import Role
from domain.errors import NotFound
from domain.ids import ConversationId, new_id
from tests.application.conversations.members import a_member
from tests.application.conversations.talk import Talk
from tests.application.world import World


def export(world: World) -> ExportConversation:
    return ExportConversation(MemoryConversationExports(world.store), MemoryConversationLists(world.store), world.clock)


async def test_a_member_is_given_all_of_a_conversation(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("Hello?")
    await talk.reply("Hi.")
    await talk.help("I can help.")
    given = await export(world)(a_member(world, talk.visit, role=Role.VIEWER), talk.visit.conversation_id)
    exchanges = [exchange async for exchange in given.exchanges()]
    said = [part and part.content for exchange in exchanges for part in (exchange.message, exchange.reply)]
    assert said == ["Hello?", "Hi.", "I can help.", None]
    assert (given.head.conversation.message_count, given.at) == (3, world.clock.now())
    assert [exchange async for exchange in given.exchanges()] == exchanges


async def test_a_long_conversation_is_read_in_pieces_as_it_was_at_first(world: World) -> None:
    talk = await Talk.begun(world)
    for number in range(120):
        await talk.help(str(number))
    given = await export(world)(talk.owner, talk.visit.conversation_id)
    exchanges = given.exchanges()
    first = await anext(exchanges)
    await talk.help("too late")
    said = [exchange.message and exchange.message.content async for exchange in exchanges]
    assert first.message
    assert [first.message.content, *said] == [str(number) for number in range(120)]


async def test_an_empty_conversation_has_a_head_alone(world: World) -> None:
    talk = await Talk.begun(world)
    given = await export(world)(talk.owner, talk.visit.conversation_id)
    assert [exchange async for exchange in given.exchanges()] == []


async def test_what_is_erased_meanwhile_is_not_given_as_if_it_were_whole(world: World) -> None:
    talk = await Talk.begun(world)
    for number in range(120):
        await talk.help(str(number))
    given = await export(world)(talk.owner, talk.visit.conversation_id)
    exchanges = given.exchanges()
    await anext(exchanges)
    await EraseConversation(world.begin, world.log, world.clock)(talk.visit.caller, talk.visit.conversation_id)
    with pytest.raises(NotFound):
        [exchange async for exchange in exchanges]


async def test_the_conversation_of_others_is_not_found(world: World) -> None:
    talk = await Talk.begun(world)
    absent = ConversationId(new_id(world.clock.now()))
    for caller in (world.stranger(), talk.visit.caller):
        with pytest.raises(NotFound):
            await export(world)(caller, talk.visit.conversation_id)
    with pytest.raises(NotFound):
        await export(world)(talk.owner, absent)
