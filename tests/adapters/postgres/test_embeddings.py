from tests.contracts.embeddings import EmbeddingsContract
from tests.contracts.examples import Tenant, later
from tests.contracts.shelf import a_source, passages, put
from tests.contracts.stores import Stores


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
