"""Documents as members see them, and what they do with them."""

from dataclasses import dataclass

from application.documents.add_document import AddedDocument
from application.documents.index_document import IndexDocument
from application.ports.clock import Clock
from application.ports.documents import DocumentFilters, DocumentsWork, DocumentView, DocumentViews
from application.ports.jobs import JobView
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import DocumentId, WorkspaceId
from domain.jobs import Job
from domain.knowledge import (
    Document,
    DocumentChanges,
    DocumentEdited,
    DocumentReindexRequested,
    DocumentRemoved,
    KnowledgeBaseDocument,
    Source,
    SourceKind,
)
from domain.pages import Page
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class ListDocuments:
    """Shows a workspace's documents; one of them is its knowledge base, unless that is empty."""

    views: DocumentViews

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, filters: DocumentFilters, cursor: str | None, limit: int
    ) -> Page[DocumentView]:
        """Those that meet the filters, newest first.

        Raises:
            NotFound, Forbidden: the caller may not. InvalidCursor: as the view says.
        """
        caller.must(Permission.DOCUMENT_READ, workspace_id)
        return await self.views.documents(workspace_id, filters, cursor, limit)


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """Shows a document, without its content."""

    views: DocumentViews

    async def __call__(self, caller: Caller, document_id: DocumentId) -> DocumentView:
        """The document.

        Raises:
            NotFound, Forbidden: there is none, or the caller may not.
        """
        return DocumentView.of(await seen(self.views, caller, document_id, Permission.DOCUMENT_READ))


@dataclass(frozen=True, slots=True)
class RemoveDocument:
    """Has a workspace know a document no more."""

    begin: Begin[DocumentsWork]
    views: DocumentViews
    clock: Clock

    async def __call__(self, caller: Caller, document_id: DocumentId, expected: int | None = None) -> None:
        """Nothing; it is gone with its files, and cannot be found any more.

        Raises:
            NotFound, Forbidden: there is none, or the caller may not. Stale: it is not the version expected.
            KnowledgeBaseDocument: it is the workspace's knowledge base.
        """
        await seen_file(self.views, caller, document_id)
        async with self.begin() as work:
            document = await work.documents.lock(document_id)
            check_version(document.version, expected)
            removed = DocumentRemoved.of(document, by=caller.actor, at=self.clock.now())
            await work.passages.remove(Source(SourceKind.DOCUMENT, document.id))
            await work.documents.remove(document, because=removed)
            for blob_id in document.blob_ids:
                await work.blobs.remove(blob_id)
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class EditDocument:
    """Has a document described otherwise, which is then processed again, as its title and its language are searched."""

    begin: Begin[DocumentsWork]
    views: DocumentViews
    clock: Clock

    async def __call__(
        self, caller: Caller, document_id: DocumentId, changes: DocumentChanges, expected: int | None = None
    ) -> DocumentView:
        """The document; until it is processed, it is found as it was before.

        Raises:
            NotFound, Forbidden: there is none, or the caller may not. Stale: it is not the version expected.
            Invalid: the title or the language cannot be taken.
            KnowledgeBaseDocument: it is the workspace's knowledge base.
        """
        await seen_file(self.views, caller, document_id)
        now = self.clock.now()
        async with self.begin() as work:
            document = await work.documents.lock(document_id)
            check_version(document.version, expected)
            described = document.edited(changes)
            if described == document:
                return await work.commit(DocumentView.of(document))
            edited = DocumentEdited.of(described, by=caller.actor, at=now)
            document = await work.documents.save(described.queued(now), because=edited)
            await work.jobs.add(Job.of(IndexDocument.of(document), now))
            return await work.commit(DocumentView.of(document))


@dataclass(frozen=True, slots=True)
class ReindexDocument:
    """Has a document processed again: a page is fetched again, a file read again."""

    begin: Begin[DocumentsWork]
    views: DocumentViews
    clock: Clock

    async def __call__(self, caller: Caller, document_id: DocumentId, expected: int | None = None) -> AddedDocument:
        """The document, and the job that processes it; until that is done, it is found by what it said before.

        Raises:
            NotFound, Forbidden: there is none, or the caller may not. Stale: it is not the version expected.
            KnowledgeBaseDocument: it is the workspace's knowledge base, which always can be found.
        """
        await seen_file(self.views, caller, document_id)
        now = self.clock.now()
        async with self.begin() as work:
            document = await work.documents.lock(document_id)
            check_version(document.version, expected)
            requested = DocumentReindexRequested.of(document, by=caller.actor, at=now)
            document = await work.documents.save(document.queued(now), because=requested)
            job = Job.of(IndexDocument.of(document), now)
            await work.jobs.add(job)
            return await work.commit(
                AddedDocument(document=DocumentView.of(document), job=JobView.of(job, document.workspace_id))
            )


async def seen(views: DocumentViews, caller: Caller, document_id: DocumentId, permission: Permission) -> Document:
    """The document, of which the caller has this permission.

    Raises:
        NotFound, Forbidden: there is none, or the caller may not.
    """
    document = await views.document(document_id)
    if document is None:
        raise NotFound
    caller.must(permission, document.workspace_id)
    return document


async def seen_file(views: DocumentViews, caller: Caller, document_id: DocumentId) -> None:
    """Nothing, when the caller may change the document.

    Raises:
        NotFound, Forbidden: as `seen`. KnowledgeBaseDocument: it is the workspace's knowledge base.
    """
    if (await seen(views, caller, document_id, Permission.DOCUMENT_WRITE)).is_knowledge_base:
        raise KnowledgeBaseDocument
