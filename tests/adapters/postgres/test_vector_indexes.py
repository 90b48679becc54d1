import pytest
from typing_extensions import override

from adapters.postgres.statements import Database
from adapters.postgres.vector_indexes import PostgresVectorIndexes, index_name
from application.ports.vector_indexes import VectorIndexes
from tests.contracts.stores import Stores
from tests.contracts.vector_indexes import VectorIndexesContract


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
