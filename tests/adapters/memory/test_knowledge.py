from collections.abc import Sequence

import pytest
from typing_extensions import override

from adapters.memory.passage_search import MemoryDraftSearch
from adapters.memory.store import MemoryStore
from adapters.memory.vector_indexes import MemoryVectorIndexes
from adapters.snowball.stemmer import SnowballStemmer
from application.ports.knowledge import Coverage, PassageSearch, VectorIndexes
from domain.knowledge import Passage
from tests.contracts.knowledge import (
    STANDING,
    EmbeddingsContract,
    FiltersContract,
    Index,
    LexicalSearchContract,
    PassageLanguagesContract,
    PassagesContract,
    VectorIndexesContract,
    everything,
    new_workspace_id,
    passages,
)
from tests.contracts.passage_sources import PassageSourcesContract


class TestPassages(PassagesContract): ...


class TestFilters(FiltersContract): ...


class TestPassageSources(PassageSourcesContract): ...


class TestEmbeddings(EmbeddingsContract): ...


class TestPassageLanguages(PassageLanguagesContract): ...


class TestVectorIndexes(VectorIndexesContract):
    @pytest.fixture
    @override
    def indexes(self, store: MemoryStore) -> VectorIndexes:
        return MemoryVectorIndexes(store, least=4)


class TestDraftSearch(LexicalSearchContract):
    @override
    @pytest.fixture
    def index(self) -> Index:
        held: list[Passage] = []

        async def index(passages: Sequence[Passage], _language: str) -> PassageSearch:
            held.extend(passages)
            return MemoryDraftSearch(SnowballStemmer()).of(held, STANDING)

        return index

    async def test_it_knows_words_alone(self) -> None:
        workspace_id = new_workspace_id()
        search = MemoryDraftSearch(SnowballStemmer()).of(passages(workspace_id, "Boats."), STANDING)
        assert await search.coverage("any", everything(workspace_id)) is Coverage.NONE
        assert list(await search.semantic((1.0,), "any", everything(workspace_id), 5)) == []
