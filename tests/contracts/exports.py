from uuid import uuid4

from domain.conversations import Exchange
from domain.ids import ConversationId
from tests.contracts.examples import (
    a_conversation,
    a_tenant,
    ask_again,
    edited,
    erase,
    post,
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
