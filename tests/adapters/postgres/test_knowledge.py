from collections.abc import Sequence

import pytest
from typing_extensions import override

from application.ports.knowledge import PassageSearch
from domain.ids import WorkspaceId
from domain.knowledge import Passage
from tests.contracts.examples import Tenant, a_tenant, later
from tests.contracts.knowledge import Index, PassagesContract, PassageSearchContract, passages, texts_of
from tests.contracts.stores import Stores


class TestPassages(PassagesContract): ...


class TestPassageSearch(PassageSearchContract):
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
        async def index(workspace_id: WorkspaceId, stored: Sequence[Passage], language: str) -> PassageSearch:
            async with stores.begin() as work:
                await work.passages.replace(workspace_id, stored[0].source, stored, language)
                work.record(tenant.edited(later(stores)))
                await work.commit(None)
            return stores.passage_search

        return index

    @pytest.mark.parametrize("language", ["cs", "zh", "tlh", "not a language", ""])
    async def test_a_language_unknown_to_the_server_is_searched_by_plain_words(
        self, index: Index, workspace_id: WorkspaceId, language: str
    ) -> None:
        search = await index(workspace_id, passages(workspace_id, "Otevřeno denně.", "Zavřeno."), language)
        found = await search.search(workspace_id, "otevřeno", language=language, limit=5)
        assert texts_of(found) == ["Otevřeno denně."]

    async def test_addresses_and_hyphens_are_searched_by_their_words(
        self, index: Index, workspace_id: WorkspaceId
    ) -> None:
        text = "Write to studio@harbour.example or see https://harbour.example/drop-off."
        search = await index(workspace_id, passages(workspace_id, text), "en")
        for query in ("harbour", "drop", "off-drop", "studio"):
            assert texts_of(await search.search(workspace_id, query, language="en", limit=5)) == [text], query
