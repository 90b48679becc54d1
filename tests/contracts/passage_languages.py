"""What the languages of passages promise. A test class per adapter inherits it."""

from dataclasses import replace

import pytest

from application.ports.passage_languages import StalePassage
from domain.ids import PassageId
from domain.knowledge import Passage, Source, SourceKind
from tests.contracts.documents import a_document
from tests.contracts.examples import Tenant, a_tenant, later
from tests.contracts.shelf import AT, DAY, STANDING, a_source, everything, new_workspace_id, passages, put, texts_found
from tests.contracts.stores import Stores


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
        told = StalePassage(passage_id=piece.id, kind=kind, words=piece.words, language="de")
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
