import pytest

from application.conversations.list_messages import ListMessages
from domain.errors import NotFound
from domain.pages import InvalidCursor
from tests.application.world import World


async def test_messages_come_oldest_first_and_polling_goes_on_from_the_cursor(world: World) -> None:
    visit = await world.visit()
    for content in ("One", "Two", "Three"):
        await world.say(visit, content)
    list_messages = ListMessages(world.conversations)

    first = await list_messages(visit.caller, visit.conversation_id, None, 2)
    rest = await list_messages(visit.caller, visit.conversation_id, first.next_cursor, 2)
    nothing = await list_messages(visit.caller, visit.conversation_id, rest.next_cursor, 2)
    await world.say(visit, "Four")
    news = await list_messages(visit.caller, visit.conversation_id, nothing.next_cursor, 2)

    pages = (first, rest, nothing, news)
    assert [[message.content for message in page.items] for page in pages] == [
        ["One", "Two"],
        ["Three"],
        [],
        ["Four"],
    ]


async def test_what_came_after_a_message_is_listed_by_its_id(world: World) -> None:
    visit = await world.visit()
    first = await world.say(visit, "One")
    await world.say(visit, "Two")

    page = await ListMessages(world.conversations)(visit.caller, visit.conversation_id, str(first.message.id), 10)

    assert [message.content for message in page.items] == ["Two"]


async def test_the_conversation_of_others_is_not_found_and_their_message_no_cursor(world: World) -> None:
    visit, another = await world.visit(), await world.visit()
    foreign = await world.say(another)
    list_messages = ListMessages(world.conversations)

    with pytest.raises(NotFound):
        await list_messages(visit.caller, another.conversation_id, None, 10)
    with pytest.raises(InvalidCursor):
        await list_messages(visit.caller, visit.conversation_id, str(foreign.message.id), 10)
