import pytest

from application.ports.conversations import RunView
from domain.pages import InvalidCursor, encode_cursor
from tests.contracts.examples import a_conversation, a_tenant, ask_again, ids, post, reply
from tests.contracts.stores import Stores


class RunViewsContract:
    """Every `RunViews`."""

    async def test_the_runs_are_those_of_the_conversation_the_newest_turn_first(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation, other = await a_conversation(stores, tenant), await a_conversation(stores, tenant)
        first, _, second = [await post(stores, each) for each in (conversation, other, conversation)]
        await reply(stores, first)
        again = await ask_again(stores, first)
        page = await stores.runs.runs(conversation.id, None, 10)
        assert (ids(page.items), page.next_cursor) == ([again.id, second.run.id, first.run.id], None)
        async with stores.begin() as work:
            assert page.items == [RunView.of(await work.runs.get(view.id)) for view in page.items]

    async def test_pages_follow_each_other_also_while_runs_are_added(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        posted = [await post(stores, conversation) for _ in range(5)]
        page = await stores.runs.runs(conversation.id, None, 2)
        seen = ids(page.items)
        await post(stores, conversation)
        while page.next_cursor:
            page = await stores.runs.runs(conversation.id, page.next_cursor, 2)
            seen += ids(page.items)
        assert seen == [each.run.id for each in reversed(posted)]

    async def test_a_conversation_without_runs_has_an_empty_page(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        page = await stores.runs.runs(conversation.id, None, 2)
        assert (list(page.items), page.next_cursor) == ([], None)

    @pytest.mark.parametrize("cursor", ["nonsense", encode_cursor("a"), encode_cursor(1, 2), encode_cursor()])
    async def test_another_lists_cursor_is_refused(self, stores: Stores, cursor: str) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        with pytest.raises(InvalidCursor):
            await stores.runs.runs(conversation.id, cursor, 2)

    @pytest.mark.parametrize(("turn", "count"), [(-(10**30), 0), (10**30, 1)])
    async def test_a_cursor_beyond_all_runs_finds_what_is_behind_it(
        self, stores: Stores, turn: int, count: int
    ) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        await post(stores, conversation)
        assert len((await stores.runs.runs(conversation.id, encode_cursor(turn), 2)).items) == count
