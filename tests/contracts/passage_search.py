"""What every search of passages promises. A test class per adapter inherits a contract."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from application.ports.passage_search import PassageSearch
from domain.ids import PassageId, UserId, WorkspaceId, new_id
from domain.knowledge import Filters, Passage, Scope, Source, SourceKind, Standing
from domain.knowledge.terms import MOST_TYPOS
from domain.memories import Tier
from tests.contracts.examples import Tenant, a_tenant, a_user
from tests.contracts.shelf import AT, DAY, STANDING, a_source, everything, new_workspace_id, passages, put, texts_found
from tests.contracts.stores import Stores

Index = Callable[[Sequence[Passage], str], Awaitable[PassageSearch]]


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
        await self._standing(stores, tenant, "visitor", SourceKind.VISITOR_MESSAGE, STANDING)
        for tier in Tier:
            await self._standing(stores, tenant, tier, SourceKind.MEMORY, replace(STANDING, tier=tier))

        async def found(**filters: Any) -> set[str]:
            return await self._found(stores, everything(tenant.id, **filters))

        assert await found() == {"document", *Tier}
        assert await found(kinds=frozenset()) == {"document", "message", "visitor", *Tier}
        assert await found(kinds=frozenset({SourceKind.VISITOR_MESSAGE})) == {"visitor"}
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
