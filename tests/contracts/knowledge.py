"""What every search of passages promises. A test class per adapter inherits the contract and overrides `index`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest

from application.ports.knowledge import FoundPassage, PassageSearch
from application.ports.unit_of_work import UnrecordedError
from domain.ids import PassageId, WorkspaceId, new_id
from domain.knowledge import Passage
from tests.contracts.examples import Tenant, a_tenant, later
from tests.contracts.stores import Stores

_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
Index = Callable[[WorkspaceId, Sequence[Passage], str], Awaitable[PassageSearch]]


def new_workspace_id() -> WorkspaceId:
    return WorkspaceId(new_id(_AT))


def passages(
    workspace_id: WorkspaceId, *texts: str, source: str = "knowledge_base", heading: str = ""
) -> list[Passage]:
    """A passage for each of `texts`, in order."""
    return [
        Passage(
            id=PassageId(new_id(_AT)),
            workspace_id=workspace_id,
            source=source,
            position=position,
            heading=heading,
            text=text,
            start=0,
            end=len(text),
        )
        for position, text in enumerate(texts)
    ]


def texts_of(found: Sequence[FoundPassage]) -> list[str]:
    return [hit.passage.text for hit in found]


class PassageSearchContract:
    """Ranked search is compared only by filters, counts and order where the port leaves no choice."""

    @pytest.fixture
    def index(self) -> Index:
        """Puts passages of a workspace, in a language, where the search it gives finds them.

        Called more than once in a test, it adds to what is there (each time another source or workspace).
        """
        raise NotImplementedError

    @pytest.fixture
    def workspace_id(self) -> WorkspaceId:
        """A workspace of its own for each test; overridden where it must exist to be written to."""
        return new_workspace_id()

    async def test_the_leading_passages_come_in_order_of_source_and_position(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        await index(workspace_id, passages(workspace_id, "Third", "Fourth", source="b"), "en")
        search = await index(workspace_id, passages(workspace_id, "First", "Second", source="a"), "en")
        leading = await search.leading(workspace_id, limit=3)
        assert [passage.text for passage in leading] == ["First", "Second", "Third"]

    @pytest.fixture
    def other_workspace_id(self) -> WorkspaceId:
        """Another such workspace."""
        return new_workspace_id()

    async def test_a_passage_that_shares_a_word_is_found_as_it_was_indexed(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        stored = passages(workspace_id, "We sell bicycles.", "The harbour is old.", heading="Shop › Goods")
        search = await index(workspace_id, stored, "en")

        found = await search.search(workspace_id, "bicycles", language="en", limit=10)

        assert [hit.passage for hit in found] == stored[:1]
        assert found[0].score > 0

    async def test_a_passage_that_shares_no_word_is_never_found(self, index: Index, workspace_id: WorkspaceId) -> None:
        search = await index(workspace_id, passages(workspace_id, "We sell bicycles.", "The harbour is old."), "en")

        assert texts_of(await search.search(workspace_id, "wedding", language="en", limit=10)) == []

    async def test_words_of_the_heading_are_found(self, index: Index, workspace_id: WorkspaceId) -> None:
        search = await index(workspace_id, passages(workspace_id, "Two hours are free.", heading="Parking"), "en")

        found = await search.search(workspace_id, "parking", language="en", limit=10)

        assert texts_of(found) == ["Two hours are free."]

    @pytest.mark.parametrize(
        ("language", "text", "query"),
        [
            ("en", "Our prices include the tax.", "price"),
            ("en-GB", "We are painting the walls.", "paint"),
            ("de", "Die Preise gelten ab Mai.", "Preis"),
            ("es", "Los precios son finales.", "precio"),
            ("fr", "Les horaires changent demain.", "horaire"),
        ],
    )
    async def test_words_are_compared_by_their_stems(
        self, index: Index, workspace_id: WorkspaceId, language: str, text: str, query: str
    ) -> None:
        search = await index(workspace_id, passages(workspace_id, text), language)

        assert texts_of(await search.search(workspace_id, query, language=language, limit=10)) == [text]

    async def test_an_unknown_language_is_searched_by_whole_words(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        search = await index(workspace_id, passages(workspace_id, "Bei nga ti balay."), "ilo")

        found = await search.search(workspace_id, "BALAY", language="ilo", limit=10)

        assert texts_of(found) == ["Bei nga ti balay."]

    async def test_stop_words_do_not_count(self, index: Index, workspace_id: WorkspaceId) -> None:
        search = await index(workspace_id, passages(workspace_id, "This is the harbour and that is the sea."), "en")

        assert texts_of(await search.search(workspace_id, "what is that and the", language="en", limit=10)) == []

    async def test_a_rare_word_weighs_more_than_a_common_one(self, index: Index, workspace_id: WorkspaceId) -> None:
        common = [f"The session number {number} takes place in the studio." for number in range(8)]
        rare = "The voucher number nine takes place in an envelope."
        search = await index(workspace_id, passages(workspace_id, *common, rare), "en")

        found = await search.search(workspace_id, "a voucher for a session", language="en", limit=3)

        assert texts_of(found)[0] == rare
        assert len(found) == 3

    async def test_the_best_come_first_and_no_more_than_asked_for(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        texts = [f"Lesson {number} is about sailing." for number in range(6)]
        search = await index(workspace_id, passages(workspace_id, *texts), "en")

        found = await search.search(workspace_id, "sailing", language="en", limit=4)

        scores = [hit.score for hit in found]
        assert len(found) == 4
        assert scores == sorted(scores, reverse=True)

    async def test_ties_come_in_order_of_source_and_position(self, index: Index, workspace_id: WorkspaceId) -> None:
        await index(workspace_id, passages(workspace_id, "We sail.", "We sail.", source="services"), "en")
        search = await index(workspace_id, passages(workspace_id, "We sail.", "We sail."), "en")

        found = await search.search(workspace_id, "sail", language="en", limit=10)

        places = [(hit.passage.source, hit.passage.position) for hit in found]
        assert places == [("knowledge_base", 0), ("knowledge_base", 1), ("services", 0), ("services", 1)]

    async def test_the_same_query_gives_the_same_answer(self, index: Index, workspace_id: WorkspaceId) -> None:
        texts = [f"Boat {number} sails to harbour {number % 3}." for number in range(12)]
        search = await index(workspace_id, passages(workspace_id, *texts), "en")

        first = await search.search(workspace_id, "boat sails harbour 2", language="en", limit=7)

        assert await search.search(workspace_id, "boat sails harbour 2", language="en", limit=7) == first

    async def test_passages_of_other_workspaces_are_not_found(
        self, index: Index, workspace_id: WorkspaceId, other_workspace_id: WorkspaceId
    ) -> None:
        await index(other_workspace_id, passages(other_workspace_id, "Their bicycles."), "en")
        search = await index(workspace_id, passages(workspace_id, "Our bicycles."), "en")

        assert texts_of(await search.search(workspace_id, "bicycles", language="en", limit=10)) == ["Our bicycles."]

    @pytest.mark.parametrize(
        "query",
        [
            "",
            " \n\t",
            "???",
            "'",
            '"',
            "a & b | !c",
            "<->",
            "harbour:*",
            "((((",
            "\\",
            "%_",
            "😀",
            "x" * 8_000,
            "и" * 300,
        ],
    )
    async def test_any_text_is_a_valid_query(self, index: Index, workspace_id: WorkspaceId, query: str) -> None:
        search = await index(workspace_id, passages(workspace_id, "The old harbour."), "en")

        found = await search.search(workspace_id, query, language="en", limit=10)

        assert texts_of(found) in ([], ["The old harbour."])


class PassagesContract:
    """Every `Passages`, seen through the search of its store."""

    async def _replace(self, stores: Stores, tenant: Tenant, source: str, *texts: str) -> list[Passage]:
        pieces = passages(tenant.id, *texts, source=source)
        async with stores.begin() as work:
            await work.passages.replace(tenant.id, source, pieces, "en")
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        return pieces

    async def _found(self, stores: Stores, tenant: Tenant, query: str) -> list[str]:
        return texts_of(await stores.passage_search.search(tenant.id, query, language="en", limit=10))

    async def test_what_is_written_is_found_after_the_commit_and_not_before(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as work:
            pieces = passages(tenant.id, "We sell bicycles.", heading="Shop › Goods")
            await work.passages.replace(tenant.id, "knowledge_base", pieces, "en")
            assert await self._found(stores, tenant, "bicycles") == []
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        (found,) = await stores.passage_search.search(tenant.id, "bicycles", language="en", limit=10)
        assert found.passage == pieces[0]

    async def test_replacing_a_source_leaves_nothing_of_it_and_all_of_the_others(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await self._replace(stores, tenant, "knowledge_base", "An old bicycle.", "Another old bicycle.")
        await self._replace(stores, tenant, "services", "A bicycle service.")
        await self._replace(stores, tenant, "knowledge_base", "A new bicycle.")
        assert sorted(await self._found(stores, tenant, "bicycle")) == ["A bicycle service.", "A new bicycle."]
        await self._replace(stores, tenant, "knowledge_base")
        assert await self._found(stores, tenant, "bicycle") == ["A bicycle service."]

    async def test_another_workspace_keeps_its_own(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        await self._replace(stores, tenant, "knowledge_base", "Our bicycle.")
        await self._replace(stores, other, "knowledge_base", "Their bicycle.")
        await self._replace(stores, tenant, "knowledge_base")
        assert await self._found(stores, other, "bicycle") == ["Their bicycle."]

    async def test_what_was_undone_is_not_found(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as work:
            pieces = passages(tenant.id, "We sell bicycles.")
            await work.passages.replace(tenant.id, "knowledge_base", pieces, "en")
        assert await self._found(stores, tenant, "bicycles") == []

    async def test_replacing_passages_is_a_change_that_an_event_explains(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        async with stores.begin() as work:
            await work.passages.replace(tenant.id, "knowledge_base", passages(tenant.id, "Bicycles."), "en")
            with pytest.raises(UnrecordedError):
                await work.commit(None)
