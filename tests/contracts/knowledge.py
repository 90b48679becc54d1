"""What passages, every search of them and their vectors promise. A test class per adapter inherits a contract."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.ports.knowledge import Coverage, FoundPassage, PassageSearch, StalePassage, VectorIndexes
from domain.ids import PassageId, UserId, WorkspaceId, new_id
from domain.knowledge import Filters, Passage, Scope, Source, SourceKind, Standing
from domain.knowledge.terms import MOST_TYPOS
from domain.memories import Tier
from tests.contracts.documents import a_document
from tests.contracts.examples import Tenant, a_conversation, a_tenant, a_user, later, post
from tests.contracts.stores import Stores

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
STANDING = Standing(at=AT)
DAY = timedelta(days=1)
Index = Callable[[Sequence[Passage], str], Awaitable[PassageSearch]]


def new_workspace_id() -> WorkspaceId:
    return WorkspaceId(new_id(AT))


def a_source(kind: SourceKind = SourceKind.DOCUMENT) -> Source:
    return Source(kind, uuid4())


def passages(workspace_id: WorkspaceId, *texts: str, source: Source | None = None, heading: str = "") -> list[Passage]:
    """A passage for each of `texts`, in order."""
    of = source or a_source()
    return [
        Passage(
            id=PassageId(new_id(AT)),
            workspace_id=workspace_id,
            source=of,
            position=position,
            heading=heading,
            text=text,
            start=0,
            end=len(text),
        )
        for position, text in enumerate(texts)
    ]


def everything(workspace_id: WorkspaceId, *, at: datetime = AT, **filters: Any) -> Filters:
    """All that every member of the workspace may see."""
    return Filters(workspace_id=workspace_id, at=at, **filters)


async def texts_found(
    search: PassageSearch, query: str, filters: Filters, *, language: str = "en", limit: int = 10
) -> list[str]:
    """The texts of what a lexical search finds, in its order."""
    ranked = await search.lexical(query, language, filters, limit)
    found = {each.passage.id: each.passage.text for each in await search.found([hit.passage_id for hit in ranked])}
    return [found[hit.passage_id] for hit in ranked]


class LexicalSearchContract:
    """Ranked search is compared by filters, counts and order where the port leaves no choice."""

    @pytest.fixture
    def index(self) -> Index:
        """Puts passages, in a language, where the search it gives finds them, each source by itself.

        Called more than once in a test, it adds to what is there (each time other sources).
        """
        raise NotImplementedError

    @pytest.fixture
    def workspace_id(self) -> WorkspaceId:
        """A workspace of its own for each test; overridden where it must exist to be written to."""
        return new_workspace_id()

    @pytest.fixture
    def other_workspace_id(self) -> WorkspaceId:
        """Another such workspace."""
        return new_workspace_id()

    async def test_the_leading_passages_come_in_order_of_source_and_position(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        first, second = sorted((a_source(), a_source()))
        await index(passages(workspace_id, "Third", "Fourth", source=second), "en")
        search = await index(passages(workspace_id, "First", "Second", source=first), "en")
        leading = await search.leading(everything(workspace_id), 3)
        assert [passage.text for passage in leading] == ["First", "Second", "Third"]

    async def test_a_passage_that_shares_a_word_is_found_as_it_was_indexed(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        stored = passages(workspace_id, "We sell bicycles.", "The harbour is old.", heading="Shop › Goods")
        search = await index(stored, "en")

        (hit,) = await search.lexical("bicycles", "en", everything(workspace_id), 10)
        (found,) = await search.found([hit.passage_id])

        assert (found.passage, found.standing) == (stored[0], STANDING)
        assert (found.title, found.uri, found.uses) == ("", None, 0)
        assert hit.score > 0

    async def test_a_passage_that_shares_no_word_is_never_found(self, index: Index, workspace_id: WorkspaceId) -> None:
        search = await index(passages(workspace_id, "We sell bicycles.", "The harbour is old."), "en")

        assert await texts_found(search, "wedding", everything(workspace_id)) == []

    async def test_what_is_not_there_is_left_out_of_what_is_found(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        stored = passages(workspace_id, "We sell bicycles.")
        search = await index(stored, "en")

        found = await search.found([PassageId(new_id(AT)), stored[0].id])

        assert [each.passage for each in found] == stored
        assert list(await search.found([])) == []

    async def test_words_of_the_heading_are_found(self, index: Index, workspace_id: WorkspaceId) -> None:
        search = await index(passages(workspace_id, "Two hours are free.", heading="Parking"), "en")

        assert await texts_found(search, "parking", everything(workspace_id)) == ["Two hours are free."]

    @pytest.mark.parametrize(
        ("language", "text", "query"),
        [
            ("en", "Our prices include the tax.", "price"),
            ("en-GB", "We are painting the walls.", "paint"),
            ("de", "Die Preise gelten ab Mai.", "Preis"),
            ("de", "Die Straße ist gesperrt.", "STRASSE"),
            ("es", "Los precios son finales.", "precio"),
            ("fr", "Les horaires changent demain.", "horaire"),
            ("cs", "Barvení vlasů trvá dlouho.", "barvením"),
        ],
    )
    async def test_words_are_compared_by_their_stems(
        self, index: Index, workspace_id: WorkspaceId, language: str, text: str, query: str
    ) -> None:
        search = await index(passages(workspace_id, text), language)

        assert await texts_found(search, query, everything(workspace_id), language=language) == [text]

    @pytest.mark.parametrize(
        ("indexed", "text", "asked", "query"),
        [
            ("de", "Unsere Öffnungszeiten stehen hier.", "en", "Öffnungszeiten"),
            ("de", "Unsere Öffnungszeiten stehen hier.", "en", "offnungszeiten"),
            ("en", "Massages and haircuts.", "de", "massages"),
            ("cs", "Barvení vlasů.", "en", "VLASŮ"),
            ("en", "Barvení vlasů.", "cs", "vlasů"),
            ("fr", "Les horaires changent.", "xx", "horaires"),
        ],
    )
    async def test_a_word_is_found_by_itself_in_whatever_language(
        self, index: Index, workspace_id: WorkspaceId, indexed: str, text: str, asked: str, query: str
    ) -> None:
        search = await index(passages(workspace_id, text, "Something else."), indexed)

        assert await texts_found(search, query, everything(workspace_id), language=asked) == [text]

    async def test_words_that_stand_together_do_so_by_their_stems(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        apart, together = "Préférée la carte est.", "Est la carte préférée."
        search = await index(passages(workspace_id, apart, together), "fr")

        for query in ("cartes préférées", "cartes preferees"):
            found = await texts_found(search, query, everything(workspace_id), language="fr")
            assert found == [together, apart], query

    @pytest.mark.parametrize(
        ("language", "text", "query"),
        [
            ("cs", "Otevřeno denně.", "otevreno"),
            ("cs", "Otevreno denne.", "otevřeno"),
            ("de", "Die Häuser sind grün.", "hauser"),
            ("fr", "Le café est fermé.", "CAFE"),
            ("en", "The naïve fiancée smiled.", "naive"),
            ("pl", "Wózek i łódka.", "lodka"),
            ("el", "Ανοιχτά κάθε μέρα.", "ΑΝΟΙΧΤΑ"),  # noqa: RUF001 (Greek)
        ],
    )
    async def test_case_and_accents_do_not_count(
        self, index: Index, workspace_id: WorkspaceId, language: str, text: str, query: str
    ) -> None:
        search = await index(passages(workspace_id, text), language)

        assert await texts_found(search, query, everything(workspace_id), language=language) == [text]

    @pytest.mark.parametrize(
        "query",
        ["harbur", "harbuor", "harbbour", "hxrbour", "arbour", "harbours", "xharbour", "bicylce", "bicycels"],
    )
    async def test_a_single_typo_in_a_word_that_nothing_holds_is_forgiven(
        self, index: Index, workspace_id: WorkspaceId, query: str
    ) -> None:
        text = "Bicycles at the harbour."
        search = await index(passages(workspace_id, text, "The lift is new."), "en")

        assert await texts_found(search, query, everything(workspace_id)) == [text]

    async def test_typos_are_forgiven_only_to_who_looks_for_them(self, index: Index, workspace_id: WorkspaceId) -> None:
        search = await index(passages(workspace_id, "Bicycles at the harbour."), "en")
        ask = ("en", everything(workspace_id), 10)

        assert await search.lexical("harbur", *ask)
        assert not await search.lexical("harbur", *ask, typos=False)
        assert await search.lexical("harbour", *ask, typos=False)

    @pytest.mark.parametrize("query", ["harbxxr", "hrabuor", "cot", "1205"])
    async def test_two_typos_a_short_word_and_a_number_are_not_forgiven(
        self, index: Index, workspace_id: WorkspaceId, query: str
    ) -> None:
        search = await index(passages(workspace_id, "A cat at the harbour costs 1200."), "en")

        assert await texts_found(search, query, everything(workspace_id)) == []

    async def test_the_first_words_that_nothing_holds_stand_for_others_and_the_rest_do_not(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        text = "Bicycles at the harbour."
        search = await index(passages(workspace_id, text), "en")
        unknown = ["qqqqq", "wwwww", "zzzzz", "jjjjj", "kkkkk", "vvvvv", "xxxxx", "yyyyy"][: MOST_TYPOS - 1]

        assert await texts_found(search, " ".join([*unknown, "harbur"]), everything(workspace_id)) == [text]
        assert await texts_found(search, " ".join([*unknown, "ggggg", "harbur"]), everything(workspace_id)) == []

    async def test_a_word_that_is_there_stands_for_no_other(self, index: Index, workspace_id: WorkspaceId) -> None:
        search = await index(passages(workspace_id, "The boat sails.", "The coat is warm."), "en")

        assert await texts_found(search, "boat", everything(workspace_id)) == ["The boat sails."]

    async def test_a_word_that_only_others_may_see_is_no_reason_not_to_forgive_a_typo(
        self, index: Index, workspace_id: WorkspaceId, other_workspace_id: WorkspaceId
    ) -> None:
        await index(passages(other_workspace_id, "An arbour."), "en")
        search = await index(passages(workspace_id, "A harbour."), "en")

        assert await texts_found(search, "arbour", everything(workspace_id)) == ["A harbour."]

    async def test_an_unknown_language_is_searched_by_whole_words(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        search = await index(passages(workspace_id, "Bei nga ti balay."), "ilo")

        assert await texts_found(search, "BALAY", everything(workspace_id), language="ilo") == ["Bei nga ti balay."]

    @pytest.mark.parametrize("language", ["cs", "zh", "tlh", "not a language", ""])
    async def test_a_language_that_is_none_does_no_harm(
        self, index: Index, workspace_id: WorkspaceId, language: str
    ) -> None:
        search = await index(passages(workspace_id, "Otevřeno denně.", "Zavřeno."), language)

        assert await texts_found(search, "otevřeno", everything(workspace_id), language=language) == ["Otevřeno denně."]

    async def test_addresses_and_hyphens_are_searched_by_their_words(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        text = "Write to studio@harbour.example or see https://harbour.example/drop-off."
        search = await index(passages(workspace_id, text), "en")

        for query in ("harbour", "drop", "off-drop", "studio"):
            assert await texts_found(search, query, everything(workspace_id)) == [text], query

    async def test_stop_words_do_not_count(self, index: Index, workspace_id: WorkspaceId) -> None:
        search = await index(passages(workspace_id, "This is the harbour and that is the sea."), "en")

        assert await texts_found(search, "what is that and the", everything(workspace_id)) == []

    async def test_a_rare_word_weighs_more_than_a_common_one(self, index: Index, workspace_id: WorkspaceId) -> None:
        common = [f"The session number {number} takes place in the studio." for number in range(8)]
        rare = "The voucher number nine takes place in an envelope."
        search = await index(passages(workspace_id, *common, rare), "en")

        found = await texts_found(search, "a voucher for a session", everything(workspace_id), limit=3)

        assert found[0] == rare
        assert len(found) == 3

    async def test_words_that_stand_together_count_more_where_they_do(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        apart, together = "The card is a gift of ours.", "Of ours the gift card is."
        search = await index(passages(workspace_id, apart, together), "en")

        assert await texts_found(search, "gift cards", everything(workspace_id)) == [together, apart]

    async def test_the_best_come_first_and_no_more_than_asked_for(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        texts = [f"Lesson {number} is about sailing." for number in range(6)]
        search = await index(passages(workspace_id, *texts), "en")

        found = await search.lexical("sailing", "en", everything(workspace_id), 4)

        scores = [hit.score for hit in found]
        assert len(found) == 4
        assert scores == sorted(scores, reverse=True)

    async def test_ties_come_in_order_of_ids(self, index: Index, workspace_id: WorkspaceId) -> None:
        stored = [each for _ in range(3) for each in passages(workspace_id, "We sail.", "We sail.")]
        search = await index(stored, "en")

        found = await search.lexical("sail", "en", everything(workspace_id), 10)

        assert [hit.passage_id for hit in found] == sorted(each.id for each in stored)

    async def test_the_same_query_gives_the_same_answer(self, index: Index, workspace_id: WorkspaceId) -> None:
        texts = [f"Boat {number} sails to harbour {number % 3}." for number in range(12)]
        search = await index(passages(workspace_id, *texts), "en")
        ask = (everything(workspace_id), 7)

        first = await search.lexical("boat sails harbour 2", "en", *ask)

        assert await search.lexical("boat sails harbour 2", "en", *ask) == first

    async def test_passages_of_other_workspaces_are_not_found(
        self, index: Index, workspace_id: WorkspaceId, other_workspace_id: WorkspaceId
    ) -> None:
        await index(passages(other_workspace_id, "Their bicycles."), "en")
        search = await index(passages(workspace_id, "Our bicycles."), "en")

        assert await texts_found(search, "bicycles", everything(workspace_id)) == ["Our bicycles."]

    async def test_of_a_long_query_the_first_words_count(self, index: Index, workspace_id: WorkspaceId) -> None:
        search = await index(passages(workspace_id, "The old harbour."), "en")
        many = " ".join(f"word{number}" for number in range(63))

        assert await texts_found(search, f"{many} harbour", everything(workspace_id)) == ["The old harbour."]
        assert await texts_found(search, f"{many} word63 harbour", everything(workspace_id)) == []

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
            "a\x00b",
        ],
    )
    async def test_any_text_is_a_valid_query(self, index: Index, workspace_id: WorkspaceId, query: str) -> None:
        search = await index(passages(workspace_id, "The old harbour.", "x" * 1_200), "en")

        found = await texts_found(search, query, everything(workspace_id))

        assert found in ([], ["The old harbour."], ["x" * 1_200])


class PassagesContract:
    """Every `Passages`, seen through the search of its store."""

    async def _replace(self, stores: Stores, tenant: Tenant, source: Source, *texts: str) -> list[Passage]:
        pieces = passages(tenant.id, *texts, source=source)
        await put(stores, tenant, source, pieces)
        return pieces

    async def _found(self, stores: Stores, tenant: Tenant, query: str) -> list[str]:
        return await texts_found(stores.passage_search, query, everything(tenant.id))

    async def test_what_is_written_is_found_after_the_commit_and_not_before(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source()
        async with stores.begin() as work:
            pieces = passages(tenant.id, "We sell bicycles.", heading="Shop › Goods", source=source)
            await work.passages.replace(tenant.id, source, pieces, STANDING, "en")
            assert await self._found(stores, tenant, "bicycles") == []
            assert list(await work.passages.of(source)) == pieces
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        (found,) = await stores.passage_search.found([pieces[0].id])
        assert found.passage == pieces[0]

    async def test_replacing_a_source_leaves_nothing_of_it_and_all_of_the_others(self, stores: Stores) -> None:
        tenant, one, other = await a_tenant(stores), a_source(), a_source()
        await self._replace(stores, tenant, one, "An old bicycle.", "Another old bicycle.")
        await self._replace(stores, tenant, other, "A bicycle service.")
        await self._replace(stores, tenant, one, "A new bicycle.")
        assert sorted(await self._found(stores, tenant, "bicycle")) == ["A bicycle service.", "A new bicycle."]
        await self._replace(stores, tenant, one)
        assert await self._found(stores, tenant, "bicycle") == ["A bicycle service."]

    async def test_many_sources_are_added_at_once_each_with_its_standing(self, stores: Stores) -> None:
        tenant, own = await a_tenant(stores), a_source(SourceKind.MEMORY)
        shown = passages(tenant.id, "A bicycle.", "Žluté kolo.", heading="Shop")
        hidden = passages(tenant.id, "A hidden bicycle.", source=own)
        reader = tenant.user.id
        standing = Standing(owner_id=reader, reader_id=reader, tier=Tier.TASK, at=AT, expires_at=AT + DAY)
        async with stores.begin() as work:
            await work.passages.add_all(tenant.id, [(shown, STANDING), ((), STANDING), (hidden, standing)], "en")
            await work.passages.add_all(tenant.id, [], "en")
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await self._found(stores, tenant, "bicycle") == ["A bicycle."]
        assert await self._found(stores, tenant, "zlute") == ["Žluté kolo."]
        found = await stores.passage_search.found([each.id for each in (*shown, *hidden)])
        assert {each.passage.id: each.standing for each in found} == {
            **dict.fromkeys((each.id for each in shown), STANDING),
            hidden[0].id: standing,
        }
        async with stores.begin() as work:
            assert list(await work.passages.of(shown[0].source)) == shown
            assert list(await work.passages.of(own)) == hidden

    async def test_passages_that_move_within_their_source_stay_the_same(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source()
        first, second, third = await self._replace(stores, tenant, source, "One bicycle.", "Two boats.", "Three boats.")
        moved = [replace(third, position=0, start=5, end=17), replace(first, position=1), replace(second, position=2)]
        await put(stores, tenant, source, moved)
        async with stores.begin() as work:
            assert list(await work.passages.of(source)) == moved

    async def test_a_removed_source_is_not_found_and_the_others_are(self, stores: Stores) -> None:
        tenant, one, other = await a_tenant(stores), a_source(), a_source()
        await self._replace(stores, tenant, one, "An old bicycle.")
        await self._replace(stores, tenant, other, "A bicycle service.")
        async with stores.begin() as work:
            await work.passages.remove(one)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await self._found(stores, tenant, "bicycle") == ["A bicycle service."]
        async with stores.begin() as work:
            assert list(await work.passages.of(one)) == []

    async def test_a_source_is_found_by_its_new_standing_and_says_the_same(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source(SourceKind.MEMORY)
        (piece,) = await self._replace(stores, tenant, source, "An old bicycle.")
        standing = Standing(
            owner_id=tenant.user.id, reader_id=tenant.user.id, tier=Tier.TASK, at=AT + DAY, expires_at=AT + 2 * DAY
        )
        async with stores.begin() as work:
            await work.passages.restand(source, standing)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await self._found(stores, tenant, "bicycle") == []
        own = everything(tenant.id, reader_id=tenant.user.id)
        assert await texts_found(stores.passage_search, "bicycle", own) == ["An old bicycle."]
        (found,) = await stores.passage_search.found([piece.id])
        assert (found.passage, found.standing) == (piece, standing)

    async def test_another_workspace_keeps_its_own(self, stores: Stores) -> None:
        tenant, other, source = await a_tenant(stores), await a_tenant(stores), a_source()
        await self._replace(stores, tenant, source, "Our bicycle.")
        await self._replace(stores, other, a_source(), "Their bicycle.")
        await self._replace(stores, tenant, source)
        assert await self._found(stores, other, "bicycle") == ["Their bicycle."]

    async def test_a_removed_workspace_takes_its_passages_along(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        (piece,) = await self._replace(stores, tenant, a_source(), "Our bicycle.")
        async with stores.begin() as work:
            await work.workspaces.remove(tenant.workspace, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert list(await stores.passage_search.found([piece.id])) == []

    async def test_what_was_undone_is_not_found(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source()
        async with stores.begin() as work:
            pieces = passages(tenant.id, "We sell bicycles.", source=source)
            await work.passages.replace(tenant.id, source, pieces, STANDING, "en")
        assert await self._found(stores, tenant, "bicycles") == []

    async def test_a_message_is_found_with_the_conversation_in_which_it_was_said(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await post(stores, await a_conversation(stores, tenant))
        found: list[FoundPassage] = []
        for kind in SourceKind:
            (piece,) = await self._replace(stores, tenant, Source(kind, posted.message.id), "A bicycle.")
            found += await stores.passage_search.found([piece.id])
        said = {each.passage.source.kind: each.conversation_id for each in found}
        assert said == {
            SourceKind.DOCUMENT: None,
            SourceKind.MEMORY: None,
            SourceKind.MESSAGE: posted.conversation.id,
            SourceKind.VISITOR_MESSAGE: posted.conversation.id,
        }

    async def test_passages_need_no_event(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source()
        async with stores.begin() as work:
            pieces = passages(tenant.id, "Bicycles.", source=source)
            await work.passages.replace(tenant.id, source, pieces, STANDING, "en")
            await work.commit(None)
        assert await self._found(stores, tenant, "bicycles") == ["Bicycles."]


class FiltersContract:
    """Each filter, for both ways to search, and for what is counted and read."""

    @pytest.fixture
    async def tenant(self, stores: Stores) -> Tenant:
        return await a_tenant(stores)

    async def _standing(
        self, stores: Stores, tenant: Tenant, text: str, kind: SourceKind, standing: Standing
    ) -> Source:
        source = a_source(kind)
        pieces = passages(tenant.id, f"{text} bicycle", source=source)
        await put(stores, tenant, source, pieces, standing)
        await stores.embeddings.put("test", {pieces[0].id: (1.0, 0.0)})
        return source

    async def _found(self, stores: Stores, filters: Filters) -> set[str]:
        """What passes, which must be the same to each way of looking."""
        search = stores.passage_search
        leading = await search.leading(filters, 100)
        lexical = await search.lexical("bicycle", "en", filters, 100)
        semantic = await search.semantic((1.0, 0.0), "test", filters, 100)
        assert {each.id for each in leading} == {each.passage_id for each in lexical}
        assert {each.id for each in leading} == {each.passage_id for each in semantic}
        return {each.text.removesuffix(" bicycle") for each in leading}

    async def test_what_is_unshared_is_found_by_its_reader_alone(self, stores: Stores, tenant: Tenant) -> None:
        ada, bob = tenant.user.id, a_user(AT).id
        for reader, name in ((ada, "ada"), (bob, "bob"), (None, "all")):
            standing = Standing(owner_id=reader, reader_id=reader, at=AT)
            await self._standing(stores, tenant, name, SourceKind.MEMORY, standing)
        assert await self._found(stores, everything(tenant.id)) == {"all"}
        assert await self._found(stores, everything(tenant.id, reader_id=ada)) == {"ada", "all"}
        assert await self._found(stores, everything(tenant.id, reader_id=bob)) == {"bob", "all"}

    async def test_scopes_are_what_is_ones_own_and_what_all_see(self, stores: Stores, tenant: Tenant) -> None:
        ada, bob = tenant.user.id, a_user(AT).id
        for name, owner, reader in (
            ("own", ada, ada),
            ("shared", ada, None),
            ("other", bob, None),
            ("house", None, None),
        ):
            standing = Standing(owner_id=owner, reader_id=reader, at=AT)
            await self._standing(stores, tenant, name, SourceKind.MEMORY, standing)

        async def found(*scopes: Scope, reader: UserId | None = ada) -> set[str]:
            return await self._found(stores, everything(tenant.id, reader_id=reader, scopes=frozenset(scopes)))

        assert await found(Scope.OWN) == {"own", "shared"}
        assert await found(Scope.WORKSPACE) == {"shared", "other", "house"}
        assert await found(Scope.OWN, Scope.WORKSPACE) == {"own", "shared", "other", "house"}
        assert await found() == {"own", "shared", "other", "house"}
        assert await found(Scope.OWN, reader=None) == set()

    async def test_kinds_and_tiers_are_any_of_those_given(self, stores: Stores, tenant: Tenant) -> None:
        await self._standing(stores, tenant, "document", SourceKind.DOCUMENT, STANDING)
        await self._standing(stores, tenant, "message", SourceKind.MESSAGE, STANDING)
        for tier in Tier:
            await self._standing(stores, tenant, tier, SourceKind.MEMORY, replace(STANDING, tier=tier))

        async def found(**filters: Any) -> set[str]:
            return await self._found(stores, everything(tenant.id, **filters))

        assert await found() == {"document", *Tier}
        assert await found(kinds=frozenset()) == {"document", "message", *Tier}
        assert await found(kinds=frozenset({SourceKind.MESSAGE, SourceKind.DOCUMENT})) == {"document", "message"}
        assert await found(tiers=frozenset({Tier.TASK, Tier.PROJECT})) == {"task", "project"}
        assert await found(tiers=frozenset({Tier.TASK}), kinds=frozenset({SourceKind.DOCUMENT})) == set()

    async def test_an_owner_and_excluded_sources(self, stores: Stores, tenant: Tenant) -> None:
        owned = replace(STANDING, owner_id=tenant.user.id)
        first = await self._standing(stores, tenant, "first", SourceKind.MEMORY, owned)
        second = await self._standing(stores, tenant, "second", SourceKind.DOCUMENT, STANDING)
        assert await self._found(stores, everything(tenant.id, owner_id=tenant.user.id)) == {"first"}
        assert await self._found(stores, everything(tenant.id, excluding=frozenset({first.id}))) == {"second"}
        both: frozenset[UUID] = frozenset({first.id, second.id})
        assert await self._found(stores, everything(tenant.id, excluding=both)) == set()

    async def test_times_include_the_first_and_not_the_last(self, stores: Stores, tenant: Tenant) -> None:
        for day in range(3):
            await self._standing(stores, tenant, str(day), SourceKind.DOCUMENT, Standing(at=AT + day * DAY))

        async def found(since: int | None, until: int | None) -> set[str]:
            first, last = (None if day is None else AT + day * DAY for day in (since, until))
            return await self._found(stores, everything(tenant.id, since=first, until=last))

        assert await found(None, None) == {"0", "1", "2"}
        assert await found(1, None) == {"1", "2"}
        assert await found(None, 1) == {"0"}
        assert await found(1, 2) == {"1"}

    async def test_what_has_expired_is_not_found(self, stores: Stores, tenant: Tenant) -> None:
        await self._standing(stores, tenant, "task", SourceKind.MEMORY, replace(STANDING, expires_at=AT + DAY))
        assert await self._found(stores, everything(tenant.id, at=AT)) == {"task"}
        assert await self._found(stores, everything(tenant.id, at=AT + DAY)) == set()

    async def test_what_is_excluded_changes_no_order(self, stores: Stores, tenant: Tenant) -> None:
        ada = tenant.user.id
        source, hidden = a_source(), a_source(SourceKind.MEMORY)
        await put(stores, tenant, source, passages(tenant.id, "Red boat.", "Blue sail.", "Old lift.", source=source))
        before = await stores.passage_search.lexical("boat sail", "en", everything(tenant.id), 10)
        crowd = passages(tenant.id, *(["A boat with red letters and much more to say."] * 20), source=hidden)
        await put(stores, tenant, hidden, crowd, Standing(owner_id=ada, reader_id=ada, at=AT))
        assert await stores.passage_search.lexical("boat sail", "en", everything(tenant.id), 10) == before

    async def test_a_typo_is_forgiven_by_what_the_reader_may_see_alone(self, stores: Stores, tenant: Tenant) -> None:
        ada, source, hidden = tenant.user.id, a_source(), a_source(SourceKind.MEMORY)
        await put(stores, tenant, source, passages(tenant.id, "The harbour.", source=source))
        await put(
            stores, tenant, hidden, passages(tenant.id, "An arbour.", source=hidden), Standing(reader_id=ada, at=AT)
        )
        seen = await texts_found(stores.passage_search, "arbour", everything(tenant.id))
        assert seen == ["The harbour."]
        assert await texts_found(stores.passage_search, "arbour", everything(tenant.id, reader_id=ada)) == [
            "An arbour."
        ]


class EmbeddingsContract:
    """Vectors, which passages lack them, and the search by them."""

    @pytest.fixture
    async def tenant(self, stores: Stores) -> Tenant:
        return await a_tenant(stores)

    @pytest.fixture
    def embedder(self) -> str:
        """One that no other test uses."""
        return uuid4().hex

    async def _missing(self, stores: Stores, tenant: Tenant, embedder: str, limit: int = 10) -> list[str]:
        return [each.words for each in await stores.embeddings.missing(embedder, tenant.id, limit)]

    async def test_passages_without_a_vector_are_told_the_newest_first(
        self, stores: Stores, tenant: Tenant, embedder: str
    ) -> None:
        source = a_source()
        pieces = passages(tenant.id, *"abc", source=source, heading="Letters")
        await put(stores, tenant, source, pieces)
        newest = sorted(pieces, key=lambda each: each.id, reverse=True)
        assert await self._missing(stores, tenant, embedder) == [each.words for each in newest]
        assert await self._missing(stores, tenant, embedder, 2) == [each.words for each in newest[:2]]
        await stores.embeddings.put(embedder, {newest[1].id: (1.0,)})
        assert await self._missing(stores, tenant, embedder) == [newest[0].words, newest[2].words]

    async def test_words_are_those_of_the_passage(self, stores: Stores, tenant: Tenant, embedder: str) -> None:
        source = a_source()
        await put(stores, tenant, source, passages(tenant.id, "No heading.", source=source))
        assert await self._missing(stores, tenant, embedder) == ["No heading."]

    async def test_workspaces_with_passages_that_lack_one_are_told_once(
        self, stores: Stores, tenant: Tenant, embedder: str
    ) -> None:
        source = a_source()
        pieces = passages(tenant.id, *"abc", source=source)
        await put(stores, tenant, source, pieces)

        async def times_told() -> int:
            return list(await stores.embeddings.incomplete(embedder, 10_000)).count(tenant.id)

        assert await times_told() == 1
        await stores.embeddings.put("another", {pieces[0].id: (1.0,)})
        assert await times_told() == 1
        await stores.embeddings.put(embedder, dict.fromkeys((each.id for each in pieces), (1.0,)))
        assert await times_told() == 0
        assert len(await stores.embeddings.incomplete("new", 1)) == 1

    async def test_the_most_alike_come_first_and_ties_by_id(
        self, stores: Stores, tenant: Tenant, embedder: str
    ) -> None:
        source = a_source()
        pieces = sorted(passages(tenant.id, *"abcd", source=source), key=lambda each: each.id)
        placed = [replace(each, position=place) for place, each in enumerate(pieces)]
        await put(stores, tenant, source, placed)
        vectors = [(0.0, 1.0), (0.6, 0.8), (0.0, 1.0), (-1.0, 0.0)]
        await stores.embeddings.put(embedder, {each.id: given for each, given in zip(pieces, vectors, strict=True)})
        found = await stores.passage_search.semantic((0.0, 1.0), embedder, everything(tenant.id), 10)
        assert [each.passage_id for each in found] == [pieces[place].id for place in (0, 2, 1, 3)]
        assert [each.score for each in found] == pytest.approx([1, 1, 0.8, 0], abs=1e-3)
        assert list(await stores.passage_search.semantic((0.0, 1.0), embedder, everything(tenant.id), 2)) == found[:2]

    async def test_only_vectors_of_the_same_embedder_are_compared(
        self, stores: Stores, tenant: Tenant, embedder: str
    ) -> None:
        source = a_source()
        mine, others, none = passages(tenant.id, *"abc", source=source)
        await put(stores, tenant, source, [mine, others, none])
        await stores.embeddings.put(embedder, {mine.id: (1.0, 0.0)})
        await stores.embeddings.put("another", {others.id: (1.0, 0.0)})
        found = await stores.passage_search.semantic((1.0, 0.0), embedder, everything(tenant.id), 10)
        assert [each.passage_id for each in found] == [mine.id]
        await stores.embeddings.put("another", {mine.id: (1.0, 0.0)})
        assert list(await stores.passage_search.semantic((1.0, 0.0), embedder, everything(tenant.id), 10)) == []

    async def test_coverage_is_of_what_passes_the_filters(self, stores: Stores, tenant: Tenant, embedder: str) -> None:
        document, memory = a_source(), a_source(SourceKind.MEMORY)
        one, two = passages(tenant.id, *"ab", source=document)
        (three,) = passages(tenant.id, "c", source=memory)

        async def coverage(**filters: Any) -> Coverage | None:
            return await stores.passage_search.coverage(embedder, everything(tenant.id, **filters))

        assert await coverage() is None
        await put(stores, tenant, document, [one, two])
        await put(stores, tenant, memory, [three])
        assert await coverage() is Coverage.NONE
        await stores.embeddings.put(embedder, {three.id: (1.0,)})
        assert await coverage() is Coverage.PARTIAL
        assert await coverage(kinds=frozenset({SourceKind.MEMORY})) is Coverage.FULL
        assert await coverage(kinds=frozenset({SourceKind.DOCUMENT})) is Coverage.NONE
        assert await coverage(kinds=frozenset({SourceKind.MESSAGE})) is None
        await stores.embeddings.put(embedder, {one.id: (1.0,), two.id: (1.0,)})
        assert await coverage() is Coverage.FULL

    async def test_a_passage_that_says_the_same_keeps_its_vector(
        self, stores: Stores, tenant: Tenant, embedder: str
    ) -> None:
        source = a_source()
        kept, changed, gone = passages(tenant.id, *"abc", source=source)
        await put(stores, tenant, source, [kept, changed, gone])
        await stores.embeddings.put(embedder, dict.fromkeys((kept.id, changed.id, gone.id), (1.0,)))
        new = replace(passages(tenant.id, "n", source=source)[0], position=0)
        moved = replace(kept, position=2, start=7, end=8)
        await put(stores, tenant, source, [new, replace(changed, text="d"), moved])
        found = await stores.passage_search.semantic((1.0,), embedder, everything(tenant.id), 10)
        assert [each.passage_id for each in found] == [kept.id]
        assert sorted(await self._missing(stores, tenant, embedder)) == ["d", "n"]

    async def test_of_what_is_gone_no_vector_is_kept(self, stores: Stores, tenant: Tenant, embedder: str) -> None:
        source = a_source()
        (piece,) = pieces = passages(tenant.id, "a", source=source)
        await put(stores, tenant, source, pieces)
        await put(stores, tenant, source, [])
        await stores.embeddings.put(embedder, {piece.id: (1.0,)})
        await put(stores, tenant, source, pieces)
        assert await self._missing(stores, tenant, embedder) == ["a"]


class PassageLanguagesContract:
    """Which passages are found in another language than their workspace's, seen through the search of its store."""

    @pytest.fixture
    async def tenant(self, stores: Stores) -> Tenant:
        return await a_tenant(stores)

    async def _speak(self, stores: Stores, tenant: Tenant, language: str) -> None:
        """The language of the workspace is this from now on."""
        async with stores.begin() as work:
            workspace = await work.workspaces.get(tenant.id)
            edited = replace(workspace, language=language)
            await work.workspaces.save(edited, because=tenant.edited(later(stores)))
            await work.commit(None)

    async def _shelve(
        self, stores: Stores, tenant: Tenant, *texts: str, kind: SourceKind = SourceKind.MEMORY, heading: str = ""
    ) -> list[Passage]:
        source = a_source(kind)
        pieces = passages(tenant.id, *texts, source=source, heading=heading)
        await put(stores, tenant, source, pieces)
        return pieces

    async def _stale(self, stores: Stores, tenant: Tenant) -> dict[PassageId, StalePassage]:
        return {each.passage_id: each for each in await stores.passage_languages.stale(tenant.id, 100)}

    async def _found(self, stores: Stores, tenant: Tenant, query: str) -> list[str]:
        filters = everything(tenant.id, kinds=frozenset())
        return await texts_found(stores.passage_search, query, filters, language="de")

    @pytest.mark.parametrize("kind", SourceKind)
    async def test_what_is_found_in_another_language_than_the_workspaces_is_told(
        self, stores: Stores, tenant: Tenant, kind: SourceKind
    ) -> None:
        (piece,) = await self._shelve(stores, tenant, "Die Termine.", kind=kind, heading="Ada")
        assert await self._stale(stores, tenant) == {}
        await self._speak(stores, tenant, "de")
        told = StalePassage(passage_id=piece.id, words=piece.words, language="de")
        assert await self._stale(stores, tenant) == {piece.id: told}
        assert await self._stale(stores, await a_tenant(stores)) == {}

    async def test_no_more_are_told_than_asked_for(self, stores: Stores, tenant: Tenant) -> None:
        await self._shelve(stores, tenant, "Eins.", "Zwei.", "Drei.")
        await self._speak(stores, tenant, "de")
        assert len(await stores.passage_languages.stale(tenant.id, 2)) == 2

    async def test_a_document_with_a_language_of_its_own_keeps_it(self, stores: Stores, tenant: Tenant) -> None:
        pieces = dict[str | None, Passage]()
        for language in (None, "fr"):
            document = await a_document(stores, tenant, f"text:{language}", language=language)
            source = Source(SourceKind.DOCUMENT, document.id)
            (pieces[language],) = of_source = passages(tenant.id, "Horaires.", source=source)
            await put(stores, tenant, source, of_source)
        await self._speak(stores, tenant, "de")
        assert (await self._stale(stores, tenant)).keys() == {pieces[None].id}

    async def test_the_inflected_words_of_the_new_language_find_what_was_put(
        self, stores: Stores, tenant: Tenant
    ) -> None:
        first, second = await self._shelve(stores, tenant, "Zwei Häuser und noch mehr Häuser.", "Andere Häuser.")
        await stores.embeddings.put("test", {first.id: (1.0, 0.0)})
        await self._speak(stores, tenant, "de")
        assert await self._found(stores, tenant, "Haus") == []

        assert await stores.passage_languages.put(tenant.id, list((await self._stale(stores, tenant)).values())) == 2

        assert sorted(await self._found(stores, tenant, "Haus")) == [second.text, first.text]
        assert await self._stale(stores, tenant) == {}
        found = await stores.passage_search.found([first.id, second.id])
        assert {each.passage.id: (each.passage, each.standing) for each in found} == {
            each.id: (each, STANDING) for each in (first, second)
        }
        filters = everything(tenant.id)
        assert [each.passage_id for each in await stores.passage_search.semantic((1.0, 0.0), "test", filters, 5)] == [
            first.id
        ]

    async def test_what_says_something_else_by_now_or_is_gone_stays_as_it_is(
        self, stores: Stores, tenant: Tenant
    ) -> None:
        changed, gone = [(await self._shelve(stores, tenant, "Zwei Häuser."))[0] for _ in range(2)]
        await self._speak(stores, tenant, "de")
        stale = await self._stale(stores, tenant)
        await put(stores, tenant, changed.source, [replace(changed, text="Drei Räder.")])
        await put(stores, tenant, gone.source, [])

        assert await stores.passage_languages.put(tenant.id, list(stale.values())) == 0

        assert await self._found(stores, tenant, "Rad") == []
        assert [each.words for each in (await self._stale(stores, tenant)).values()] == ["Drei Räder."]

    async def test_what_is_not_stale_any_more_stays_as_it_is(self, stores: Stores, tenant: Tenant) -> None:
        document = await a_document(stores, tenant)
        source = Source(SourceKind.DOCUMENT, document.id)
        await put(stores, tenant, source, passages(tenant.id, "Zwei Häuser.", source=source))
        await self._shelve(stores, tenant, "Zwei Häuser.")
        await self._speak(stores, tenant, "de")
        stale = list((await self._stale(stores, tenant)).values())
        async with stores.begin() as work:
            described = (await work.documents.get(document.id)).described(None, None, "fr")
            await work.documents.save(described, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert len(stale) == 2
        assert await stores.passage_languages.put(tenant.id, stale) == 1
        await self._speak(stores, tenant, "fr")
        assert await stores.passage_languages.put(tenant.id, stale) == 0
        assert await stores.passage_languages.put(new_workspace_id(), stale) == 0

    async def test_passages_of_another_workspace_stay_as_they_are(self, stores: Stores, tenant: Tenant) -> None:
        (piece,) = await self._shelve(stores, tenant, "Zwei Häuser.")
        await self._speak(stores, tenant, "de")
        stale = list((await self._stale(stores, tenant)).values())
        assert await stores.passage_languages.put((await a_tenant(stores)).id, stale) == 0
        assert (await self._stale(stores, tenant)).keys() == {piece.id}

    async def test_who_changes_a_passage_is_not_waited_for(self, stores: Stores, tenant: Tenant) -> None:
        (busy,), (free,) = [await self._shelve(stores, tenant, "Zwei Häuser.") for _ in range(2)]
        await self._speak(stores, tenant, "de")
        stale = list((await self._stale(stores, tenant)).values())
        async with stores.begin() as work:
            await work.passages.restand(busy.source, replace(STANDING, at=AT + DAY))
            assert await stores.passage_languages.put(tenant.id, stale) == 1
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        left = await self._stale(stores, tenant)
        assert left.keys() == {busy.id}
        assert await stores.passage_languages.put(tenant.id, list(left.values())) == 1
        assert sorted(await self._found(stores, tenant, "Haus")) == [free.text, busy.text]

    async def test_a_workspace_that_is_gone_has_none(self, stores: Stores) -> None:
        assert list(await stores.passage_languages.stale(new_workspace_id(), 5)) == []


class VectorIndexesContract:
    """Which indexes there are; that they find what they should is told by tests of the adapter that has them."""

    @pytest.fixture
    def indexes(self) -> VectorIndexes:
        """Where more than four vectors are many."""
        raise NotImplementedError

    @pytest.fixture
    def embedder(self) -> str:
        """One that no other test uses, with a name that wants to be quoted."""
        return f"it's: 100 % {uuid4().hex}"

    async def _grown(self, stores: Stores, embedder: str, number: int) -> tuple[Tenant, Source]:
        tenant, source = await a_tenant(stores), a_source()
        pieces = passages(tenant.id, *(["A boat."] * number), source=source)
        await put(stores, tenant, source, pieces)
        await stores.embeddings.put(embedder, {each.id: (1.0, 0.0) for each in pieces})
        return tenant, source

    async def test_a_workspace_of_many_vectors_wants_an_index_until_it_has_one(
        self, stores: Stores, indexes: VectorIndexes, embedder: str
    ) -> None:
        tenant, _ = await self._grown(stores, embedder, 5)
        await self._grown(stores, embedder, 4)
        assert list(await indexes.wanted(embedder)) == [tenant.id]
        await indexes.build(embedder, tenant.id)
        await indexes.build(embedder, tenant.id)
        assert list(await indexes.wanted(embedder)) == []
        assert await indexes.remove_unused(embedder) == 0
        assert await indexes.remove_unused("another") == 1

    async def test_an_index_is_removed_when_its_workspace_is_half_as_large_or_the_embedder_another(
        self, stores: Stores, indexes: VectorIndexes, embedder: str
    ) -> None:
        shrinking, source = await self._grown(stores, embedder, 5)
        staying, _ = await self._grown(stores, embedder, 5)
        for tenant in (shrinking, staying):
            await indexes.build(embedder, tenant.id)
        await put(stores, shrinking, source, [])
        assert await indexes.remove_unused(embedder) == 1
        assert list(await indexes.wanted(embedder)) == []
        assert await indexes.remove_unused("another") == 1
        assert list(await indexes.wanted(embedder)) == [staying.id]


async def put(
    stores: Stores, tenant: Tenant, source: Source, pieces: Sequence[Passage], standing: Standing = STANDING
) -> None:
    """All passages of `source` are these."""
    async with stores.begin() as work:
        await work.passages.replace(tenant.id, source, pieces, standing, "en")
        work.record(tenant.edited(later(stores)))
        await work.commit(None)
