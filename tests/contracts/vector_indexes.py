"""What indexes of vectors promise. A test class per adapter inherits it."""

from uuid import uuid4

import pytest

from application.ports.vector_indexes import VectorIndexes
from domain.knowledge import Source
from tests.contracts.examples import Tenant, a_tenant
from tests.contracts.shelf import a_source, passages, put
from tests.contracts.stores import Stores


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
