from collections.abc import Sequence
from itertools import groupby

import pytest
from typing_extensions import override

from adapters.postgres.statements import Database
from adapters.postgres.vector_indexes import PostgresVectorIndexes, index_name
from application.ports.knowledge import PassageSearch, VectorIndexes
from domain.ids import WorkspaceId
from domain.knowledge import Passage
from tests.contracts.examples import Tenant, a_tenant, later
from tests.contracts.knowledge import (
    STANDING,
    EmbeddingsContract,
    FiltersContract,
    Index,
    LexicalSearchContract,
    PassageLanguagesContract,
    PassagesContract,
    VectorIndexesContract,
    a_source,
    passages,
    put,
)
from tests.contracts.passage_sources import PassageSourcesContract
from tests.contracts.stores import Stores


class TestPassages(PassagesContract): ...


class TestFilters(FiltersContract): ...


class TestPassageSources(PassageSourcesContract): ...


class TestEmbeddings(EmbeddingsContract):
    async def test_who_removes_a_source_and_who_embeds_it_never_wait_for_each_other(
        self, stores: Stores, tenant: Tenant, embedder: str
    ) -> None:
        going, staying = a_source(), a_source()
        (gone,), (kept,) = (passages(tenant.id, "A boat.", source=source) for source in (going, staying))
        await put(stores, tenant, going, [gone])
        await put(stores, tenant, staying, [kept])
        async with stores.begin() as work:
            await work.passages.remove(going)
            await stores.embeddings.put(embedder, {kept.id: (1.0,), gone.id: (1.0,)})
            assert await self._missing(stores, tenant, embedder) == ["A boat."]
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await self._missing(stores, tenant, embedder) == []


class TestPassageLanguages(PassageLanguagesContract): ...


class TestVectorIndexes(VectorIndexesContract):
    @pytest.fixture
    @override
    def indexes(self, database: Database) -> VectorIndexes:
        return PostgresVectorIndexes(database, least=4)

    async def test_an_index_that_failed_is_built_anew(
        self, stores: Stores, indexes: VectorIndexes, database: Database, embedder: str
    ) -> None:
        tenant, _ = await self._grown(stores, embedder, 5)
        await indexes.build(embedder, tenant.id)
        name = index_name(tenant.id, embedder)
        await database.maintain(
            f"update pg_index set indisvalid = false where indexrelid = cast('{name}' as regclass)"  # noqa: S608
        )
        assert list(await indexes.wanted(embedder)) == [tenant.id]
        await indexes.build(embedder, tenant.id)
        assert list(await indexes.wanted(embedder)) == []
        assert await indexes.remove_unused("another") == 1


class TestPassageSearch(LexicalSearchContract):
    @pytest.fixture
    async def tenant(self, stores: Stores) -> Tenant:
        return await a_tenant(stores)

    @pytest.fixture
    @override
    def workspace_id(self, tenant: Tenant) -> WorkspaceId:
        return tenant.id

    @pytest.fixture
    @override
    async def other_workspace_id(self, stores: Stores) -> WorkspaceId:
        return (await a_tenant(stores)).id

    @pytest.fixture
    @override
    def index(self, stores: Stores, tenant: Tenant) -> Index:
        async def index(stored: Sequence[Passage], language: str) -> PassageSearch:
            async with stores.begin() as work:
                for source, pieces in groupby(stored, key=lambda each: each.source):
                    of_source = list(pieces)
                    await work.passages.replace(of_source[0].workspace_id, source, of_source, STANDING, language)
                work.record(tenant.edited(later(stores)))
                await work.commit(None)
            return stores.passage_search

        return index
