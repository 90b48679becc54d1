"""What passages promise. A test class per adapter inherits it."""

from dataclasses import replace

from application.ports.passage_search import FoundPassage
from domain.knowledge import Passage, Source, SourceKind, Standing
from domain.memories import Tier
from tests.contracts.examples import Tenant, a_conversation, a_tenant, later, post
from tests.contracts.shelf import AT, DAY, STANDING, a_source, everything, passages, put, texts_found
from tests.contracts.stores import Stores


class PassagesContract:
    """Every `Passages`, seen through the search of its store."""

    async def _replace(self, stores: Stores, tenant: Tenant, source: Source, *texts: str) -> list[Passage]:
        pieces = passages(tenant.id, *texts, source=source)
        await put(stores, tenant, source, pieces)
        return pieces

    async def _found(self, stores: Stores, tenant: Tenant, query: str) -> list[str]:
        return await texts_found(stores.passage_search, query, everything(tenant.id))

    async def test_what_is_written_is_found_after_the_commit_and_not_before(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source()
        async with stores.begin() as work:
            pieces = passages(tenant.id, "We sell bicycles.", heading="Shop › Goods", source=source)
            await work.passages.replace(tenant.id, source, pieces, STANDING, "en")
            assert await self._found(stores, tenant, "bicycles") == []
            assert list(await work.passages.of(source)) == pieces
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        (found,) = await stores.passage_search.found([pieces[0].id])
        assert found.passage == pieces[0]

    async def test_replacing_a_source_leaves_nothing_of_it_and_all_of_the_others(self, stores: Stores) -> None:
        tenant, one, other = await a_tenant(stores), a_source(), a_source()
        await self._replace(stores, tenant, one, "An old bicycle.", "Another old bicycle.")
        await self._replace(stores, tenant, other, "A bicycle service.")
        await self._replace(stores, tenant, one, "A new bicycle.")
        assert sorted(await self._found(stores, tenant, "bicycle")) == ["A bicycle service.", "A new bicycle."]
        await self._replace(stores, tenant, one)
        assert await self._found(stores, tenant, "bicycle") == ["A bicycle service."]

    async def test_many_sources_are_added_at_once_each_with_its_standing(self, stores: Stores) -> None:
        tenant, own = await a_tenant(stores), a_source(SourceKind.MEMORY)
        shown = passages(tenant.id, "A bicycle.", "Žluté kolo.", heading="Shop")
        hidden = passages(tenant.id, "A hidden bicycle.", source=own)
        reader = tenant.user.id
        standing = Standing(owner_id=reader, reader_id=reader, tier=Tier.TASK, at=AT, expires_at=AT + DAY)
        async with stores.begin() as work:
            await work.passages.add_all(tenant.id, [(shown, STANDING), ((), STANDING), (hidden, standing)], "en")
            await work.passages.add_all(tenant.id, [], "en")
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await self._found(stores, tenant, "bicycle") == ["A bicycle."]
        assert await self._found(stores, tenant, "zlute") == ["Žluté kolo."]
        found = await stores.passage_search.found([each.id for each in (*shown, *hidden)])
        assert {each.passage.id: each.standing for each in found} == {
            **dict.fromkeys((each.id for each in shown), STANDING),
            hidden[0].id: standing,
        }
        async with stores.begin() as work:
            assert list(await work.passages.of(shown[0].source)) == shown
            assert list(await work.passages.of(own)) == hidden

    async def test_passages_that_move_within_their_source_stay_the_same(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source()
        first, second, third = await self._replace(stores, tenant, source, "One bicycle.", "Two boats.", "Three boats.")
        moved = [replace(third, position=0, start=5, end=17), replace(first, position=1), replace(second, position=2)]
        await put(stores, tenant, source, moved)
        async with stores.begin() as work:
            assert list(await work.passages.of(source)) == moved

    async def test_a_removed_source_is_not_found_and_the_others_are(self, stores: Stores) -> None:
        tenant, one, other = await a_tenant(stores), a_source(), a_source()
        await self._replace(stores, tenant, one, "An old bicycle.")
        await self._replace(stores, tenant, other, "A bicycle service.")
        async with stores.begin() as work:
            await work.passages.remove(one)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await self._found(stores, tenant, "bicycle") == ["A bicycle service."]
        async with stores.begin() as work:
            assert list(await work.passages.of(one)) == []

    async def test_a_source_is_found_by_its_new_standing_and_says_the_same(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source(SourceKind.MEMORY)
        (piece,) = await self._replace(stores, tenant, source, "An old bicycle.")
        standing = Standing(
            owner_id=tenant.user.id, reader_id=tenant.user.id, tier=Tier.TASK, at=AT + DAY, expires_at=AT + 2 * DAY
        )
        async with stores.begin() as work:
            await work.passages.restand(source, standing)
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await self._found(stores, tenant, "bicycle") == []
        own = everything(tenant.id, reader_id=tenant.user.id)
        assert await texts_found(stores.passage_search, "bicycle", own) == ["An old bicycle."]
        (found,) = await stores.passage_search.found([piece.id])
        assert (found.passage, found.standing) == (piece, standing)

    async def test_another_workspace_keeps_its_own(self, stores: Stores) -> None:
        tenant, other, source = await a_tenant(stores), await a_tenant(stores), a_source()
        await self._replace(stores, tenant, source, "Our bicycle.")
        await self._replace(stores, other, a_source(), "Their bicycle.")
        await self._replace(stores, tenant, source)
        assert await self._found(stores, other, "bicycle") == ["Their bicycle."]

    async def test_a_removed_workspace_takes_its_passages_along(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        (piece,) = await self._replace(stores, tenant, a_source(), "Our bicycle.")
        async with stores.begin() as work:
            await work.workspaces.remove(tenant.workspace, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert list(await stores.passage_search.found([piece.id])) == []

    async def test_what_was_undone_is_not_found(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source()
        async with stores.begin() as work:
            pieces = passages(tenant.id, "We sell bicycles.", source=source)
            await work.passages.replace(tenant.id, source, pieces, STANDING, "en")
        assert await self._found(stores, tenant, "bicycles") == []

    async def test_a_message_is_found_with_the_conversation_in_which_it_was_said(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await post(stores, await a_conversation(stores, tenant))
        found: list[FoundPassage] = []
        for kind in SourceKind:
            (piece,) = await self._replace(stores, tenant, Source(kind, posted.message.id), "A bicycle.")
            found += await stores.passage_search.found([piece.id])
        said = {each.passage.source.kind: each.conversation_id for each in found}
        assert said == {
            SourceKind.DOCUMENT: None,
            SourceKind.MEMORY: None,
            SourceKind.MESSAGE: posted.conversation.id,
            SourceKind.VISITOR_MESSAGE: posted.conversation.id,
        }

    async def test_passages_need_no_event(self, stores: Stores) -> None:
        tenant, source = await a_tenant(stores), a_source()
        async with stores.begin() as work:
            pieces = passages(tenant.id, "Bicycles.", source=source)
            await work.passages.replace(tenant.id, source, pieces, STANDING, "en")
            await work.commit(None)
        assert await self._found(stores, tenant, "bicycles") == ["Bicycles."]
