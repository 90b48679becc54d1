from collections.abc import Sequence
from itertools import groupby

import pytest
from typing_extensions import override

from application.ports.passage_search import PassageSearch
from domain.ids import WorkspaceId
from domain.knowledge import Passage
from tests.contracts.examples import Tenant, a_tenant, later
from tests.contracts.passage_search import FiltersContract, Index, LexicalSearchContract
from tests.contracts.shelf import STANDING
from tests.contracts.stores import Stores


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


class TestFilters(FiltersContract): ...
