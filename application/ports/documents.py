from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from application.ports.blobs import Blobs
from application.ports.jobs import Jobs
from application.ports.passages import Passages
from application.ports.unit_of_work import UnitOfWork
from domain.activity import Event
from domain.ids import DocumentId, WorkspaceId
from domain.knowledge import Document, DocumentKind, DocumentStatus
from domain.pages import Page


class Documents(Protocol):
    """The texts that workspaces know."""

    async def add(self, document: Document, because: Event) -> None:
        """Stores a new document.

        Raises:
            EditConflict: its workspace has another with this `source_uri`. NotFound: there is no such workspace.
        """
        ...

    async def get(self, document_id: DocumentId) -> Document:
        """The document.

        Raises:
            NotFound: there is none.
        """
        ...

    async def lock(self, document_id: DocumentId) -> Document:
        """As `get`, and nobody else changes it until the unit ends."""
        ...

    async def of_source(self, workspace_id: WorkspaceId, source_uri: str) -> Document | None:
        """The workspace's document with this `source_uri`, locked as by `lock`; None when there is none."""
        ...

    async def lock_all(self, workspace_id: WorkspaceId) -> None:
        """All documents of the workspace but its knowledge base, which is locked with it, are locked as by `lock`."""
        ...

    async def save(self, document: Document, because: Event | None = None) -> Document:
        """Replaces the version that was read, and returns what is stored now, its version raised by one.

        Raises:
            EditConflict: it was changed or removed since it was read.
        """
        ...

    async def remove(self, document: Document, because: Event) -> None:
        """The document is gone; its passages and blobs are removed with it by the unit itself.

        Raises:
            EditConflict: it was changed or removed since it was read.
        """
        ...

    async def keep_knowledge_base(self, workspace_id: WorkspaceId, document: Document | None) -> None:
        """The document that the workspace's knowledge base is is this from now on, or there is none; needs no event.

        One that was there keeps its `created_at`, and gets the next version.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """A document as members see it; `language` is None when it is the workspace's."""

    id: DocumentId
    workspace_id: WorkspaceId
    kind: DocumentKind
    title: str
    source_uri: str
    media_type: str
    status: DocumentStatus
    reason: str | None
    digest: str | None
    size: int
    language: str | None
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, document: Document) -> Self:
        """The view of what was just written or read."""
        return cls(
            id=document.id,
            workspace_id=document.workspace_id,
            kind=document.kind,
            title=document.title,
            source_uri=document.source_uri,
            media_type=document.media_type,
            status=document.status,
            reason=document.reason,
            digest=document.digest.hex() or None,
            size=document.size,
            language=document.language,
            version=document.version,
            created_at=document.created_at,
            updated_at=document.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilters:
    """Which documents are listed; None leaves a filter out. `q` is in the title or the `source_uri`, in any case."""

    status: DocumentStatus | None = None
    kind: DocumentKind | None = None
    q: str | None = None


class DocumentViews(Protocol):
    """Documents, to look at."""

    async def documents(
        self, workspace_id: WorkspaceId, filters: DocumentFilters, cursor: str | None, limit: int
    ) -> Page[DocumentView]:
        """The workspace's documents that meet the filters, newest first.

        Raises:
            InvalidCursor: the cursor is none that this list gave.
        """
        ...

    async def document(self, document_id: DocumentId) -> Document | None:
        """The document, or None."""
        ...

    async def of_source(self, workspace_id: WorkspaceId, source_uri: str) -> Document | None:
        """The workspace's document with this `source_uri`, or None."""
        ...

    async def of_digest(self, workspace_id: WorkspaceId, digest: bytes) -> Document | None:
        """The workspace's oldest file or text with content of this digest which has not failed, or None."""
        ...


class DocumentsWork(UnitOfWork, Protocol):
    """What use cases of documents touch."""

    documents: Documents
    passages: Passages
    jobs: Jobs
    blobs: Blobs
