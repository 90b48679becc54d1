from collections.abc import Sequence

import pytest
from typing_extensions import override

from adapters.memory.knowledge import MemoryDraftSearch
from application.ports.knowledge import PassageSearch
from domain.ids import WorkspaceId
from domain.knowledge import Passage
from tests.contracts.knowledge import Index, PassagesContract, PassageSearchContract


class TestPassages(PassagesContract): ...


class TestDraftSearch(PassageSearchContract):
    @override
    @pytest.fixture
    def index(self) -> Index:
        held: list[Passage] = []

        async def index(_workspace_id: WorkspaceId, passages: Sequence[Passage], _language: str) -> PassageSearch:
            held.extend(passages)
            return MemoryDraftSearch().of(held)

        return index
