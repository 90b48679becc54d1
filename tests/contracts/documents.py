import asyncio
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from application.ports.documents import DocumentFilters, DocumentView
from domain.errors import EditConflict, NotFound
from domain.ids import BlobId, DocumentId, WorkspaceId, new_id
from domain.knowledge import Document, DocumentAdded, DocumentEvent, DocumentKind, DocumentRemoved, DocumentStatus
from domain.pages import InvalidCursor, encode_cursor
from tests.contracts.examples import Tenant, a_tenant, ids, later, refused
from tests.contracts.stores import Stores

EVERYTHING = DocumentFilters()


def unstored_document(stores: Stores, tenant: Tenant, source_uri: str = "text:Prices", **fields: Any) -> Document:
    at = later(stores)
    title = source_uri.partition(":")[2]
    document = Document.added(tenant.id, DocumentKind.NOTE, title, source_uri, "text/markdown", at)
    return replace(document, **fields)


def happened(tenant: Tenant, document: Document, event: type[DocumentEvent], stores: Stores) -> DocumentEvent:
    return event.of(document, by=tenant.user.actor, at=later(stores))


async def add(stores: Stores, tenant: Tenant, document: Document) -> Document:
    async with stores.begin() as work:
        await work.documents.add(document, because=happened(tenant, document, DocumentAdded, stores))
        return await work.commit(document)


async def a_document(stores: Stores, tenant: Tenant, source_uri: str = "text:Prices", **fields: Any) -> Document:
    return await add(stores, tenant, unstored_document(stores, tenant, source_uri, **fields))


async def keep_knowledge_base(stores: Stores, tenant: Tenant, text: str) -> Document:
    document = Document.knowledge_base(tenant.id, text, "cs", later(stores))
    async with stores.begin() as work:
        await work.documents.keep_knowledge_base(tenant.id, document)
        return await work.commit(document)


async def stored(stores: Stores, document: Document) -> Document:
    async with stores.begin() as work:
        return await work.documents.get(document.id)


class DocumentsContract:
    """Every `Documents`."""

    async def test_a_document_is_stored_as_it_was(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        bare = await a_document(stores, tenant)
        full = await a_document(
            stores,
            tenant,
            "https://studio.example/prices",
            kind=DocumentKind.WEB_PAGE,
            status=DocumentStatus.FAILED,
            reason="The page answers 404.",
            digest=bytes(range(32)),
            size=5_000_000_000,
            content_id=BlobId(new_id(later(stores))),
            text_id=BlobId(new_id(later(stores))),
            language="pt-BR",
        )
        assert [await stored(stores, document) for document in (bare, full)] == [bare, full]
        async with stores.begin() as work:
            assert await work.documents.lock(full.id) == full
            assert await work.documents.of_source(tenant.id, full.source_uri) == full

    async def test_what_is_not_there_is_not_found(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        document = await a_document(stores, other)
        nobody = DocumentId(new_id(later(stores)))
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.documents.get(nobody)
            with pytest.raises(NotFound):
                await work.documents.lock(nobody)
            assert await work.documents.of_source(tenant.id, document.source_uri) is None

    async def test_a_document_of_no_workspace_is_refused(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        lost = replace(unstored_document(stores, tenant), workspace_id=WorkspaceId(new_id(later(stores))))
        async with refused(stores, NotFound) as work:
            await work.documents.add(lost, because=happened(tenant, lost, DocumentAdded, stores))

    async def test_of_two_that_are_added_from_one_source_at_once_one_is(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        adding = (a_document(stores, tenant) for _ in range(2))
        answers = await asyncio.gather(*adding, a_document(stores, other), return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["Document", "Document", "EditConflict"]

    async def test_saving_raises_the_version_by_one(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        document = await a_document(stores, tenant)
        failed = document.failed("It is a scan.", later(stores))
        async with stores.begin() as work:
            saved = await work.documents.save(failed)
            await work.commit(None)
        assert saved == replace(failed, version=2)
        assert await stored(stores, document) == saved

    async def test_of_two_units_that_read_one_version_the_second_gets_the_conflict(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        document = await a_document(stores, tenant)
        async with stores.begin() as one, stores.begin() as two:
            await one.documents.save(document.processing(later(stores)))
            await one.commit(None)
            with pytest.raises(EditConflict):
                await two.documents.save(document.processing(later(stores)))

    async def test_who_locks_a_document_waits_for_the_one_before(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        document = await a_document(stores, tenant)

        async def lengthen(*, by_source: bool) -> None:
            async with stores.begin() as work:
                locked = await work.documents.of_source(tenant.id, document.source_uri) if by_source else None
                locked = locked or await work.documents.lock(document.id)
                await work.documents.save(replace(locked, size=locked.size + 1))
                await work.commit(None)

        await asyncio.gather(*(lengthen(by_source=number % 2 == 0) for number in range(6)))
        found = await stored(stores, document)
        assert (found.version, found.size) == (7, 6)

    async def test_who_locks_all_documents_of_a_workspace_waits_for_each_but_its_knowledge_base(
        self, stores: Stores
    ) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        documents = [await a_document(stores, tenant, f"text:{number}") for number in range(3)]
        base, theirs = await keep_knowledge_base(stores, tenant, "# Prices"), await a_document(stores, other)
        locked = asyncio.Event()

        async def lock_all() -> None:
            async with stores.begin() as work:
                await work.documents.lock_all(tenant.id)
                locked.set()
                await work.commit(None)

        async with asyncio.TaskGroup() as tasks, stores.begin() as work:
            for free in (base, theirs):
                await work.documents.lock(free.id)
            async with stores.begin() as one:
                await one.documents.lock(documents[1].id)
                tasks.create_task(lock_all())
                await one.documents.save(documents[1].processing(later(stores)))
                assert not locked.is_set()
                await one.commit(None)
            async with asyncio.timeout(10):
                await locked.wait()

    async def test_a_removed_document_is_gone_and_makes_room_for_another(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        document = await a_document(stores, tenant)
        removed = happened(tenant, document, DocumentRemoved, stores)
        async with stores.begin() as work:
            await work.documents.remove(document, because=removed)
            await work.commit(None)
        async with refused(stores, NotFound) as work:
            await work.documents.get(document.id)
        async with refused(stores, EditConflict) as work:
            await work.documents.remove(document, because=removed)
        await a_document(stores, tenant)

    async def test_the_knowledge_base_is_kept_and_replaced(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        first = await keep_knowledge_base(stores, tenant, "# Prices")
        assert await stored(stores, first) == first
        second = await keep_knowledge_base(stores, tenant, "# Prices and hours")
        assert await stored(stores, first) == replace(second, version=2, created_at=first.created_at)

    async def test_a_knowledge_base_that_was_emptied_is_no_document(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        document = await keep_knowledge_base(stores, tenant, "# Prices")
        for _ in range(2):
            async with stores.begin() as work:
                await work.documents.keep_knowledge_base(tenant.id, None)
                await work.commit(None)
        assert await stores.documents.document(document.id) is None

    async def test_documents_go_with_their_workspace(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        document = await a_document(stores, tenant)
        base = await keep_knowledge_base(stores, tenant, "# Prices")
        async with stores.begin() as work:
            workspace = await work.workspaces.get(tenant.id)
            await work.workspaces.remove(workspace, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert [await stores.documents.document(each.id) for each in (document, base)] == [None, None]


class DocumentViewsContract:
    """Every `DocumentViews`."""

    async def test_documents_are_listed_newest_first_page_by_page(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        added = [await a_document(stores, tenant, f"text:{number}") for number in range(3)]
        await a_document(stores, other)
        base = await keep_knowledge_base(stores, tenant, "# Prices")
        page = await stores.documents.documents(tenant.id, EVERYTHING, None, 3)
        rest = await stores.documents.documents(tenant.id, EVERYTHING, page.next_cursor, 3)
        assert ids([*page.items, *rest.items]) == ids([base, *reversed(added)])
        assert rest.next_cursor is None
        assert page.items[1] == DocumentView.of(added[2])

    async def test_the_list_can_be_narrowed(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        failed = await a_document(stores, tenant, "text:Old prices", status=DocumentStatus.FAILED, reason="No.")
        article = await a_document(stores, tenant, "text:Ceník 100%", kind=DocumentKind.ARTICLE)
        page = await a_document(stores, tenant, "https://Studio.example/a_b", title="Prices")

        async def found(**filters: Any) -> list[DocumentId]:
            answer = await stores.documents.documents(tenant.id, DocumentFilters(**filters), None, 10)
            return ids(answer.items)

        assert await found(status=DocumentStatus.FAILED) == [failed.id]
        assert await found(kind=DocumentKind.ARTICLE) == [article.id]
        assert await found(q="PRICES") == [page.id, failed.id]
        assert await found(q="studio") == await found(q="a_b") == [page.id]
        assert await found(q="0%") == await found(q="CENÍK") == [article.id]
        assert await found(q="prices", status=DocumentStatus.QUEUED) == [page.id]
        assert await found(q="rices_") == []

    async def test_a_cursor_of_another_list_is_refused(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        for cursor in ("nonsense", encode_cursor(1)):
            with pytest.raises(InvalidCursor):
                await stores.documents.documents(tenant.id, EVERYTHING, cursor, 10)

    async def test_a_document_is_seen_by_its_id_and_by_its_source(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        document = await a_document(stores, tenant)
        assert await stores.documents.document(document.id) == document
        assert await stores.documents.of_source(tenant.id, document.source_uri) == document
        assert await stores.documents.document(DocumentId(new_id(later(stores)))) is None
        assert await stores.documents.of_source(other.id, document.source_uri) is None

    async def test_a_file_or_text_is_seen_by_its_digest_the_oldest_first(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        digest = bytes(range(32))
        await a_document(stores, tenant, "https://studio.example/prices", digest=digest)
        await a_document(stores, tenant, "file:broken.txt", digest=digest, status=DocumentStatus.FAILED, reason="No.")
        await a_document(stores, tenant, "file:other.txt", digest=bytes(32))
        await keep_knowledge_base(stores, tenant, "# Prices")
        assert await stores.documents.of_digest(tenant.id, digest) is None
        assert await stores.documents.of_digest(tenant.id, sha256(b"# Prices").digest()) is None
        first = await a_document(stores, tenant, "text:Prices", digest=digest)
        await a_document(stores, tenant, "file:prices.txt", digest=digest)
        assert await stores.documents.of_digest(tenant.id, digest) == first
        assert await stores.documents.of_digest(other.id, digest) is None
