import pytest
from typing_extensions import override

from adapters.memory.store import MemoryStore
from adapters.memory.vector_indexes import MemoryVectorIndexes
from application.ports.vector_indexes import VectorIndexes
from tests.contracts.vector_indexes import VectorIndexesContract


class TestVectorIndexes(VectorIndexesContract):
    @pytest.fixture
    @override
    def indexes(self, store: MemoryStore) -> VectorIndexes:
        return MemoryVectorIndexes(store, least=4)
