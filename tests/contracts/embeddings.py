"""What the vectors of passages promise. A test class per adapter inherits it."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from application.ports.passage_search import Coverage
from domain.knowledge import SourceKind
from tests.contracts.examples import Tenant, a_tenant
from tests.contracts.shelf import a_source, everything, passages, put
from tests.contracts.stores import Stores


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
