from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.ports.conversation_lists import (
    EXCERPT_LENGTH,
    EXCERPT_READ,
    ConversationCounts,
    ConversationFilters,
    ConversationPage,
    ConversationView,
    LastMessage,
)
from domain.conversations import (
    Channel,
    Conversation,
    ConversationKind,
    ConversationStatus,
    HandledBy,
    Message,
    MessageBlanked,
    MessageRole,
    Visitor,
)
from domain.ids import ConversationId, MessageId
from domain.pages import InvalidCursor, encode_cursor
from tests.contracts.examples import (
    MEMBER,
    Tenant,
    a_companion,
    a_conversation,
    a_tenant,
    ask_companion,
    conversation_started,
    erase,
    ids,
    later,
    post,
    reply,
    say_as_member,
)
from tests.contracts.stores import Stores

EVERYTHING = ConversationFilters()


async def a_thread(stores: Stores, tenant: Tenant, **fields: Any) -> Conversation:
    """A new conversation with these fields."""
    conversation = replace(Conversation.started(tenant.id, None, None, later(stores)), **fields)
    async with stores.begin() as work:
        await work.conversations.add(conversation, because=conversation_started(conversation))
        return await work.commit(conversation)


async def found(stores: Stores, tenant: Tenant, filters: ConversationFilters = EVERYTHING) -> Sequence[ConversationId]:
    """Those that meet the filters, in order."""
    return ids((await stores.conversation_lists.page(tenant.id, filters, None, 100)).items)


class ConversationListsContract:
    """Every `ConversationLists`."""

    async def test_a_users_talks_with_their_companion_are_a_list_of_their_own(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        visited = await a_conversation(stores, tenant)
        own = [await a_companion(stores, tenant) for _ in range(2)]
        await ask_companion(stores, own[0], tenant, "planted-secret")
        assert await found(stores, tenant, EVERYTHING) == [visited.id]
        assert await found(stores, tenant, ConversationFilters(q="planted-secret")) == []
        theirs = ConversationFilters(user_id=tenant.user.id)
        assert await found(stores, tenant, theirs) == [own[0].id, own[1].id]
        assert await found(stores, tenant, replace(theirs, q="planted-secret")) == [own[0].id]
        assert await found(stores, tenant, ConversationFilters(user_id=other.user.id)) == []
        pages = [await stores.conversation_lists.page(tenant.id, each, None, 10) for each in (EVERYTHING, theirs)]
        assert [page.counts.open for page in pages] == [1, 2]
        view = await stores.conversation_lists.conversation(own[0].id)
        assert view
        assert (view.kind, view.user_id, view.place) == (ConversationKind.COMPANION, tenant.user.id, own[0].place)

    async def test_a_conversation_is_seen_with_all_its_fields(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        at = later(stores)
        thread = await a_thread(
            stores,
            tenant,
            channel=Channel.WHATSAPP,
            external_id="thread-1",
            status=ConversationStatus.CLOSED,
            handled_by=HandledBy.HUMAN,
            handler=MEMBER,
            visitor=Visitor(name="Věra 😀", email="vera@example.com"),
            tags=("new", "vip"),
            minutes_saved=7,
            waiting_since=at,
            closed_at=at,
        )
        seen = await stores.conversation_lists.conversation(thread.id)
        assert seen is not None
        assert seen == ConversationView.of(thread, None)
        assert (seen.thread_id, seen.handler, seen.last_message) == ("thread-1", MEMBER, None)
        (listed,) = (await stores.conversation_lists.page(tenant.id, EVERYTHING, None, 10)).items
        assert listed == seen

    async def test_there_is_no_view_of_an_unknown_or_erased_conversation(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = (await post(stores, await a_conversation(stores, tenant))).conversation
        await erase(stores, conversation)
        assert await stores.conversation_lists.conversation(conversation.id) is None
        assert await stores.conversation_lists.conversation(ConversationId(uuid4())) is None
        assert await found(stores, tenant) == []

    async def test_the_last_message_is_the_last_to_arrive(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        first, second = await post(stores, conversation, "One"), await post(stores, conversation, "Two")
        assert await _last(stores, conversation) == LastMessage(
            role=MessageRole.VISITOR, excerpt="Two", at=second.message.created_at
        )
        answer = await reply(stores, first, "An answer to one")
        assert await _last(stores, conversation) == LastMessage(
            role=MessageRole.ASSISTANT, excerpt="An answer to one", at=answer.created_at
        )

    @pytest.mark.parametrize(
        ("content", "excerpt"),
        [
            (" One\n\n two\t three ", "One two three"),
            ("😀" * (EXCERPT_LENGTH + 1), "😀" * EXCERPT_LENGTH),
            (f"{'x' * (EXCERPT_LENGTH - 1)} y", "x" * (EXCERPT_LENGTH - 1)),
            (f"x{' ' * EXCERPT_READ}y", "x"),
        ],
    )
    async def test_an_excerpt_is_the_beginning_on_one_line(self, stores: Stores, content: str, excerpt: str) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        await post(stores, conversation, content)
        last = await _last(stores, conversation)
        assert last is not None
        assert last.excerpt == excerpt
        (listed,) = (await stores.conversation_lists.page(tenant.id, EVERYTHING, None, 10)).items
        assert listed.last_message == last

    async def test_the_excerpt_of_a_blanked_message_is_empty(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        posted = await post(stores, conversation, "A secret")
        await _blank(stores, posted.message)
        last = await _last(stores, conversation)
        assert last == LastMessage(role=MessageRole.VISITOR, excerpt="", at=posted.message.created_at)

    async def test_the_newest_activity_comes_first_and_pages_continue_behind_their_cursor(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await a_conversation(stores, await a_tenant(stores))
        threads = [await a_conversation(stores, tenant) for _ in range(5)]
        await post(stores, threads[1])
        first = await stores.conversation_lists.page(tenant.id, EVERYTHING, None, 3)
        second = await stores.conversation_lists.page(tenant.id, EVERYTHING, first.next_cursor, 3)
        expected = [threads[number].id for number in (1, 4, 3, 2, 0)]
        assert ids([*first.items, *second.items]) == expected
        assert (len(first.items), second.next_cursor) == (3, None)

    async def test_conversations_of_one_moment_are_each_on_one_page(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        at = later(stores)
        threads = [await a_thread(stores, tenant, updated_at=at) for _ in range(3)]
        seen: list[ConversationId] = []
        page = await stores.conversation_lists.page(tenant.id, EVERYTHING, None, 1)
        while page.next_cursor:
            seen += ids(page.items)
            page = await stores.conversation_lists.page(tenant.id, EVERYTHING, page.next_cursor, 1)
        assert [*seen, *ids(page.items)] == sorted((thread.id for thread in threads), reverse=True)

    @pytest.mark.parametrize("cursor", ["nonsense", encode_cursor(1), encode_cursor("2026-01-01", str(UUID(int=1)))])
    async def test_a_cursor_of_another_list_is_refused(self, stores: Stores, cursor: str) -> None:
        tenant = await a_tenant(stores)
        with pytest.raises(InvalidCursor):
            await stores.conversation_lists.page(tenant.id, EVERYTHING, cursor, 10)

    async def test_filters_each_narrow_the_list_and_all_must_be_met(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        at = later(stores)
        plain = await a_thread(stores, tenant)
        closed = await a_thread(stores, tenant, status=ConversationStatus.CLOSED, closed_at=at, tags=("vip",))
        human = await a_thread(stores, tenant, handled_by=HandledBy.HUMAN, handler=MEMBER, tags=("new", "vip"))
        waiting = await a_thread(stores, tenant, waiting_since=at, channel=Channel.SMS, external_id="1")
        everything = {
            ConversationFilters(): [waiting, human, closed, plain],
            ConversationFilters(status=ConversationStatus.OPEN): [waiting, human, plain],
            ConversationFilters(status=ConversationStatus.CLOSED): [closed],
            ConversationFilters(tag="vip"): [human, closed],
            ConversationFilters(tag="vi"): [],
            ConversationFilters(channel=Channel.SMS): [waiting],
            ConversationFilters(handled_by=HandledBy.HUMAN): [human],
            ConversationFilters(handled_by=HandledBy.ASSISTANT): [waiting, closed, plain],
            ConversationFilters(waiting=True): [waiting],
            ConversationFilters(waiting=False): [human, closed, plain],
            ConversationFilters(tag="vip", handled_by=HandledBy.HUMAN): [human],
            ConversationFilters(tag="vip", waiting=True): [],
        }
        for filters, expected in everything.items():
            assert await found(stores, tenant, filters) == ids(expected), filters

    async def test_a_filtered_list_continues_behind_its_cursor(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        threads = [await a_thread(stores, tenant, tags=("vip",) if number % 2 else ()) for number in range(6)]
        filters = ConversationFilters(tag="vip", status=ConversationStatus.OPEN)
        first = await stores.conversation_lists.page(tenant.id, filters, None, 2)
        second = await stores.conversation_lists.page(tenant.id, filters, first.next_cursor, 2)
        assert ids([*first.items, *second.items]) == ids([threads[5], threads[3], threads[1]])

    async def test_words_are_sought_in_the_visitors_name_and_mail_and_in_every_message(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        named = await a_thread(stores, tenant, visitor=Visitor(name="Žofie Nováková", email=None))
        mailed = await a_thread(stores, tenant, visitor=Visitor(name=None, email="Zofie@Example.COM"))
        said = await a_thread(stores, tenant)
        await post(stores, said, "Is the 100% discount_code valid?")
        await say_as_member(stores, said, "Ask for ŽOFIE.")
        await post(stores, said, "Thanks")
        sought = {
            "žofie": [said, named],
            "NOVÁKOVÁ": [named],
            "zofie@example": [mailed],
            "0% disc": [said],
            "t_code": [said],
            "thank": [said],
            "100%valid": [],
            "t%code": [],
            "discount-code": [],
            "\\": [],
        }
        for text, expected in sought.items():
            assert await found(stores, tenant, ConversationFilters(q=text)) == ids(expected), text
        assert await found(stores, await a_tenant(stores), ConversationFilters(q="zofie")) == []

    async def test_what_was_blanked_is_not_found(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await post(stores, await a_conversation(stores, tenant), "A planted-secret")
        assert await found(stores, tenant, ConversationFilters(q="planted-secret")) == [posted.conversation.id]
        await _blank(stores, posted.message)
        assert await found(stores, tenant, ConversationFilters(q="planted-secret")) == []

    async def test_counts_are_of_all_open_conversations_whatever_is_listed(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        assert await _page(stores, tenant) == ConversationPage(
            items=[], next_cursor=None, counts=ConversationCounts(open=0, waiting=0, human=0)
        )
        at = later(stores)
        await a_thread(stores, tenant)
        for status in ConversationStatus:
            closed_at = None if status is ConversationStatus.OPEN else at
            await a_thread(stores, tenant, status=status, closed_at=closed_at, waiting_since=at)
            await a_thread(
                stores, tenant, status=status, closed_at=closed_at, handled_by=HandledBy.HUMAN, handler=MEMBER
            )
        counts = ConversationCounts(open=3, waiting=1, human=1)
        assert (await _page(stores, tenant)).counts == counts
        assert (await _page(stores, tenant, ConversationFilters(status=ConversationStatus.CLOSED))).counts == counts
        assert (await _page(stores, tenant, ConversationFilters(tag="none"))).counts == counts


class MessagesOfConversationsContract:
    """What every `Messages` and `ConversationViews` tell of a conversation's messages, and of a message's."""

    async def test_the_newest_message_is_the_last_to_arrive_in_one_of_the_roles(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation, other = await a_conversation(stores, tenant), await a_conversation(stores, tenant)
        first = await post(stores, conversation, "One")
        second = await post(stores, conversation, "Two")
        said = await say_as_member(stores, conversation)
        answer = await reply(stores, first)
        await post(stores, other, "Elsewhere")
        async with stores.begin() as work:
            newest = work.messages.newest
            assert await newest(conversation.id) == answer
            assert await newest(conversation.id, {MessageRole.VISITOR}) == second.message
            assert await newest(conversation.id, {MessageRole.VISITOR, MessageRole.MEMBER}) == said
            assert await newest(conversation.id, {MessageRole.SYSTEM}) is None
            assert await newest(ConversationId(uuid4())) is None
            blanked = said.blanked(later(stores))
            await work.messages.save(blanked, because=tenant.edited(later(stores)))
            assert await newest(conversation.id, {MessageRole.VISITOR, MessageRole.MEMBER}) == blanked
            left = await newest(conversation.id, {MessageRole.VISITOR, MessageRole.MEMBER}, blanked=False)
            assert left == second.message

    async def test_a_unit_sees_the_newest_message_it_has_added(self, stores: Stores) -> None:
        conversation = (await post(stores, await a_conversation(stores, await a_tenant(stores)))).conversation
        async with stores.begin() as work:
            _, message = conversation.said_by_member("I can help.", MEMBER, later(stores))
            await work.messages.add(message)
            assert await work.messages.newest(conversation.id) == message

    async def test_a_message_is_of_its_conversation_until_it_is_erased(self, stores: Stores) -> None:
        posted = await post(stores, await a_conversation(stores, await a_tenant(stores)))
        conversation_of = stores.conversations.conversation_of
        assert await conversation_of(posted.message.id) == posted.conversation.id
        assert await conversation_of(MessageId(uuid4())) is None
        await erase(stores, posted.conversation)
        assert await conversation_of(posted.message.id) is None


async def _page(stores: Stores, tenant: Tenant, filters: ConversationFilters = EVERYTHING) -> ConversationPage:
    return await stores.conversation_lists.page(tenant.id, filters, None, 10)


async def _last(stores: Stores, conversation: Conversation) -> LastMessage | None:
    view = await stores.conversation_lists.conversation(conversation.id)
    assert view is not None
    return view.last_message


async def _blank(stores: Stores, message: Message) -> None:
    at = later(stores)
    because = MessageBlanked(
        workspace_id=message.workspace_id,
        actor=MEMBER,
        at=at,
        conversation_id=message.conversation_id,
        message_id=message.id,
    )
    async with stores.begin() as work:
        await work.messages.save(message.blanked(at), because=because)
        await work.commit(None)
