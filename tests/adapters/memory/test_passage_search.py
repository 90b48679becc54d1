from collections.abc import Sequence

import pytest
from typing_extensions import override

from adapters.memory.passage_search import MemoryDraftSearch
from adapters.snowball.stemmer import SnowballStemmer
from application.ports.passage_search import Coverage, PassageSearch
from domain.knowledge import Passage
from tests.contracts.passage_search import FiltersContract, Index, LexicalSearchContract
from tests.contracts.shelf import STANDING, everything, new_workspace_id, passages


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


class TestFilters(FiltersContract): ...
