"""What searches know of the memories and documents that passages are pieces of."""

from typing import Any

import pytest

from application.ports.passage_search import FoundPassage
from domain.ids import MemoryId, UserId
from domain.knowledge import Source, SourceKind, Standing
from domain.memories import Memory, MemoryChanges, MemoryRetention
from tests.contracts.collections import a_collection, holding
from tests.contracts.documents import a_document
from tests.contracts.examples import Tenant, a_tenant, a_user, later
from tests.contracts.shelf import AT, STANDING, everything, passages, put
from tests.contracts.stores import Stores


class PassageSourcesContract:
    """Filters by tags and collections, and what is told of a source."""

    @pytest.fixture
    async def tenant(self, stores: Stores) -> Tenant:
        return await a_tenant(stores)

    async def _remembered(self, stores: Stores, tenant: Tenant, content: str, *tags: str) -> MemoryId:
        said: MemoryChanges = {"content": content, "tags": list(tags)}
        memory = Memory.added(tenant.id, tenant.user.id, said, MemoryRetention(), later(stores))
        async with stores.begin() as work:
            await work.memories.add(memory, because=tenant.edited(later(stores)))
            await work.commit(None)
        source = Source(SourceKind.MEMORY, memory.id)
        await put(stores, tenant, source, passages(tenant.id, content, source=source), Standing(at=AT))
        return memory.id

    async def _leading(self, stores: Stores, tenant: Tenant, **filters: Any) -> set[str]:
        found = await stores.passage_search.leading(everything(tenant.id, **filters), 100)
        return {each.text for each in found}

    async def _document(self, stores: Stores, tenant: Tenant) -> FoundPassage:
        document = await a_document(stores, tenant, "text:Prices")
        source = Source(SourceKind.DOCUMENT, document.id)
        (passage,) = pieces = passages(tenant.id, "We sell boats.", source=source)
        await put(stores, tenant, source, pieces)
        (found,) = await stores.passage_search.found([passage.id])
        return found

    async def test_tags_are_of_memories_and_any_of_those_given(self, stores: Stores, tenant: Tenant) -> None:
        await self._remembered(stores, tenant, "Red.", "colour", "warm")
        await self._remembered(stores, tenant, "Blue.", "colour")
        await self._remembered(stores, tenant, "Plain.")
        await self._document(stores, tenant)
        assert await self._leading(stores, tenant, tags=frozenset({"colour"})) == {"Red.", "Blue."}
        assert await self._leading(stores, tenant, tags=frozenset({"warm", "cold"})) == {"Red."}
        assert await self._leading(stores, tenant, tags=frozenset({"cold"})) == set()

    async def test_collections_are_the_readers_own(self, stores: Stores, tenant: Tenant) -> None:
        red = await self._remembered(stores, tenant, "Red.")
        await self._remembered(stores, tenant, "Blue.")
        await self._document(stores, tenant)
        collection = await a_collection(stores, tenant)
        await holding(stores, tenant, collection, red)

        async def found(reader: UserId | None) -> set[str]:
            collections = frozenset({collection.id})
            return await self._leading(stores, tenant, collections=collections, reader_id=reader)

        assert await found(tenant.user.id) == {"Red."}
        assert await found(a_user(AT).id) == set()
        assert await found(None) == set()

    async def test_a_document_tells_its_title_and_where_it_comes_from(self, stores: Stores, tenant: Tenant) -> None:
        found = await self._document(stores, tenant)
        assert (found.title, found.uri, found.uses, found.standing) == ("Prices", "text:Prices", 0, STANDING)

    async def test_a_memory_tells_how_often_it_was_recalled(self, stores: Stores, tenant: Tenant) -> None:
        memory_id = await self._remembered(stores, tenant, "Red.")
        async with stores.begin() as work:
            await work.memories.recalled([memory_id], later(stores))
            await work.commit(None)
        (leading,) = await stores.passage_search.leading(everything(tenant.id), 5)
        (found,) = await stores.passage_search.found([leading.id])
        assert (found.title, found.uri, found.uses) == ("", None, 1)
