from dataclasses import replace
from uuid import uuid4

from application.ports.conversations import MessageView
from domain.actors import Actor
from domain.conversations import Conversation, Exchange, Message
from domain.ids import ConversationId, UserId
from tests.contracts.examples import (
    MEMBER,
    a_companion,
    a_conversation,
    a_tenant,
    ask_again,
    ask_companion,
    edited,
    erase,
    later,
    post,
    posted_event,
    reply,
    say_as_member,
)
from tests.contracts.stores import Stores


class ConversationExportsContract:
    """Every `ConversationExports`."""

    async def test_the_head_is_the_conversation_with_its_business_and_its_time_zone(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await edited(stores, tenant, name="Ada", timezone="Europe/Prague")
        conversation = await a_conversation(stores, tenant)
        head = await stores.exports.head(conversation.id)
        assert head
        assert (head.conversation, head.business_name, head.timezone) == (conversation, "Ada", "Europe/Prague")
        await edited(stores, tenant, public_name="Harbour Studio")
        head = await stores.exports.head(conversation.id)
        assert head
        assert head.business_name == "Harbour Studio"

    async def test_the_exchanges_are_all_turns_in_order_with_what_was_replied(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        first, second = [await post(stores, conversation, text) for text in ("One?", "Two?")]
        answer = await reply(stores, first, "One.")
        helped = await say_as_member(stores, conversation)
        again = await ask_again(stores, first)
        async with stores.begin() as work:
            ended = await work.runs.get(first.run.id)
        whole = [
            Exchange(first.message, ended, answer),
            Exchange(second.message, second.run, None),
            Exchange(helped, None, None),
            Exchange(None, again, None),
        ]
        assert list(await stores.exports.exchanges(conversation.id, 1, 4)) == whole
        assert list(await stores.exports.exchanges(conversation.id, 2, 3)) == whole[1:3]
        assert list(await stores.exports.exchanges(conversation.id, 5, 9)) == []

    async def test_of_a_conversation_that_is_not_there_there_is_nothing(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        await post(stores, conversation)
        await erase(stores, conversation)
        for absent in (conversation.id, ConversationId(uuid4())):
            assert await stores.exports.head(absent) is None
            assert list(await stores.exports.exchanges(absent, 1, 9)) == []


class MessageExportsContract:
    """Every `MessageExports`."""

    async def test_what_a_user_wrote_comes_in_pieces_in_the_order_of_ids(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        author = replace(MEMBER, id=uuid4())
        conversations = [await a_conversation(stores, each) for each in (tenant, await a_tenant(stores))]
        await post(stores, conversations[0])
        await say_as_member(stores, conversations[0], "By another.")
        written = [await _say(stores, conversation, author) for conversation in (*conversations, *conversations)]
        found = [MessageView.of(message) for message in sorted(written, key=lambda message: message.id)]
        user_id = UserId(author.id)
        assert list(await stores.message_exports.written_by(user_id, None, 10)) == found
        assert list(await stores.message_exports.written_by(user_id, None, 3)) == found[:3]
        assert list(await stores.message_exports.written_by(user_id, found[2].id, 3)) == found[3:]

    async def test_what_their_companion_replied_is_among_it(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        said = await ask_companion(stores, await a_companion(stores, tenant), tenant)
        answer = await reply(stores, said)
        elsewhere = await ask_companion(stores, await a_companion(stores, other), other)
        await reply(stores, elsewhere)
        found = [MessageView.of(message) for message in sorted((said.message, answer), key=lambda each: each.id)]
        assert list(await stores.message_exports.written_by(tenant.user.id, None, 10)) == found
        assert list(await stores.message_exports.written_by(tenant.user.id, found[0].id, 10)) == found[1:]

    async def test_whoever_wrote_nothing_has_nothing(self, stores: Stores) -> None:
        assert list(await stores.message_exports.written_by(UserId(uuid4()), None, 10)) == []


async def _say(stores: Stores, conversation: Conversation, author: Actor) -> Message:
    at = later(stores)
    async with stores.begin() as work:
        locked = await work.conversations.lock(conversation.id)
        said, message = locked.said_by_member("I can help.", author, at)
        await work.messages.add(message, because=posted_event(message))
        await work.conversations.save(said)
        return await work.commit(message)
