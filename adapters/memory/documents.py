from contextlib import suppress
from dataclasses import replace

from typing_extensions import override

from adapters.memory.pages import newest_first
from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.documents import DocumentFilters, Documents, DocumentView, DocumentViews
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import DocumentId, WorkspaceId
from domain.knowledge import OWN_SCHEMES, Document, DocumentStatus
from domain.pages import Page


class MemoryDocuments(Documents):
    """Documents within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._documents = store.documents
        self._transaction = transaction

    @override
    async def add(self, document: Document, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.insert(self._documents, document)

    @override
    async def get(self, document_id: DocumentId) -> Document:
        return _found(self._transaction.get(self._documents, document_id))

    @override
    async def lock(self, document_id: DocumentId) -> Document:
        document = await self._transaction.locked(self._documents, document_id)
        return _found(document)

    @override
    async def of_source(self, workspace_id: WorkspaceId, source_uri: str) -> Document | None:
        for row in self._transaction.all(self._documents):
            if (row.workspace_id, row.source_uri) == (workspace_id, source_uri):
                with suppress(NotFound):  # it went while somebody else had it
                    return await self.lock(row.id)
        return None

    @override
    async def lock_all(self, workspace_id: WorkspaceId) -> None:
        for row in sorted(self._transaction.all(self._documents), key=lambda row: row.id.int):
            if row.workspace_id == workspace_id and not row.is_knowledge_base:
                await self._transaction.locked(self._documents, row.id)

    @override
    async def save(self, document: Document, because: Event | None = None) -> Document:
        if because is not None:
            self._transaction.explain(because)
        return await self._transaction.replace(self._documents, document)

    @override
    async def remove(self, document: Document, because: Event) -> None:
        self._transaction.explain(because)
        await self._transaction.discard(self._documents, document)

    @override
    async def keep_knowledge_base(self, workspace_id: WorkspaceId, document: Document | None) -> None:
        if document is None:
            await self._transaction.remove(self._documents, workspace_id)
            return
        before = await self._transaction.locked(self._documents, document.id)
        if before is None:
            await self._transaction.insert(self._documents, document)
        else:
            kept = replace(document, created_at=before.created_at, version=before.version + 1)
            await self._transaction.put(self._documents, kept)


class MemoryDocumentViews(DocumentViews):
    """Committed documents."""

    def __init__(self, store: MemoryStore) -> None:
        self._documents = store.documents

    @override
    async def documents(
        self, workspace_id: WorkspaceId, filters: DocumentFilters, cursor: str | None, limit: int
    ) -> Page[DocumentView]:
        rows = (row for row in self._documents.rows.values() if row.workspace_id == workspace_id)
        return newest_first((DocumentView.of(row) for row in rows if _meets(row, filters)), cursor, limit)

    @override
    async def document(self, document_id: DocumentId) -> Document | None:
        return self._documents.rows.get(document_id)

    @override
    async def of_source(self, workspace_id: WorkspaceId, source_uri: str) -> Document | None:
        place = workspace_id, source_uri
        rows = (row for row in self._documents.rows.values() if (row.workspace_id, row.source_uri) == place)
        return next(rows, None)

    @override
    async def of_digest(self, workspace_id: WorkspaceId, digest: bytes) -> Document | None:
        rows = (
            row
            for row in self._documents.rows.values()
            if (row.workspace_id, row.digest) == (workspace_id, digest)
            and row.status is not DocumentStatus.FAILED
            and row.source_uri.startswith(OWN_SCHEMES)
        )
        return min(rows, key=lambda row: (row.created_at, row.id), default=None)


def _meets(document: Document, filters: DocumentFilters) -> bool:
    words = (filters.q or "").lower()
    return (
        filters.status in {None, document.status}
        and filters.kind in {None, document.kind}
        and (words in document.title.lower() or words in document.source_uri.lower())
    )


def _found(document: Document | None) -> Document:
    if document is None:
        raise NotFound
    return document
