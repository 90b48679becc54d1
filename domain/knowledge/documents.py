from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Self, TypedDict
from uuid import UUID

from domain.errors import Conflict
from domain.ids import BlobId, DocumentId, WorkspaceId, new_id
from domain.text import language_tag, readable, text

TITLE_LENGTH = 300
TEXT_LENGTH = 2_000_000
"""How many characters of text a document may have."""
FILE_BYTES = 20 * 1024 * 1024
OWN_SCHEMES = ("file:", "text:")
"""How the `source_uri` of what was sent begins: it stays what it is until somebody sends something else."""


class DocumentNotReady(Conflict):
    """The document has no content yet, or could not be read."""

    code = "document_not_ready"
    detail = "The document has no content yet. Wait until its status is ready."


class KnowledgeBaseDocument(Conflict):
    """The document is the workspace's knowledge base, which is edited as a field of the workspace."""

    code = "knowledge_base_document"
    detail = "This is the workspace's knowledge base. Edit the workspace's field knowledge_base instead."


class DocumentKind(StrEnum):
    """What a document is."""

    ARTICLE = "article"
    NOTE = "note"
    TRANSCRIPT = "transcript"
    WEB_PAGE = "web_page"
    FILE = "file"


class DocumentStatus(StrEnum):
    """Whether a document can be found."""

    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class DocumentChanges(TypedDict, total=False):
    """How a document is to be described; what is absent stays, and a language of None is the workspace's."""

    title: str
    kind: DocumentKind
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text that a workspace knows.

    Attributes:
        source_uri: where it comes from: an address, `file:<name>`, `text:<what its sender calls it>`, or else
            `text:sha256:<its digest>`; it tells it from the workspace's other documents, and what is added from there
            again replaces it.
        media_type: of the content as it was added.
        reason: why it failed, as a sentence; what was found in it before can still be.
        digest: SHA-256 of the content as it was added; empty until that is known.
        size: of that content, in bytes.
        content_id: that content. text_id: the text that its passages' offsets point into; the two may be the same.
        language: BCP 47; None when it is the workspace's.
    """

    id: DocumentId
    workspace_id: WorkspaceId
    kind: DocumentKind
    title: str
    source_uri: str
    media_type: str
    status: DocumentStatus = DocumentStatus.QUEUED
    reason: str | None = None
    digest: bytes = b""
    size: int = 0
    content_id: BlobId | None = None
    text_id: BlobId | None = None
    language: str | None = None
    version: int = 1
    created_at: datetime
    updated_at: datetime

    @classmethod
    def added(
        cls,
        workspace_id: WorkspaceId,
        kind: DocumentKind,
        title: str,
        source_uri: str,
        media_type: str,
        at: datetime,
        *,
        language: str | None = None,
    ) -> Self:
        """A new document, yet to be processed.

        Raises:
            Invalid: the title is missing or too long, or the language is none.
        """
        return cls(
            id=DocumentId(new_id(at)),
            workspace_id=workspace_id,
            kind=kind,
            title=text(title, at="/title", least=1, most=TITLE_LENGTH),
            source_uri=source_uri,
            media_type=media_type,
            language=None if language is None else language_tag(language),
            created_at=at,
            updated_at=at,
        )

    @classmethod
    def knowledge_base(cls, workspace_id: WorkspaceId, content: str, language: str, at: datetime) -> Self:
        """The document that a workspace's knowledge base is; its text is kept with the workspace."""
        encoded = content.encode()
        return cls(
            id=DocumentId(UUID(int=workspace_id.int)),
            workspace_id=workspace_id,
            kind=DocumentKind.ARTICLE,
            title="Knowledge base",
            source_uri="workspace:knowledge_base",
            media_type="text/markdown",
            status=DocumentStatus.READY,
            digest=sha256(encoded).digest(),
            size=len(encoded),
            language=language,
            created_at=at,
            updated_at=at,
        )

    @property
    def is_knowledge_base(self) -> bool:
        """Whether it is the workspace's field of that name."""
        return self.id.int == self.workspace_id.int

    @property
    def is_page(self) -> bool:
        """Whether it is fetched from its address."""
        return self.source_uri.startswith(("https://", "http://"))

    @property
    def nameless(self) -> bool:
        """Whether its title is an address alone."""
        return self.title == self.source_uri[:TITLE_LENGTH]

    @property
    def heading(self) -> str:
        """What its passages stand under: its title, if it has one."""
        return "" if self.nameless else self.title

    @property
    def file_name(self) -> str:
        """What its content is called as a file."""
        scheme, _, name = self.source_uri.partition(":")
        return name if scheme == "file" else self.text_name if scheme == "text" else self.title

    @property
    def text_name(self) -> str:
        """What its text is called as a file."""
        return f"{self.title}.md"

    @property
    def blob_ids(self) -> frozenset[BlobId]:
        """The blobs that it needs."""
        return frozenset(blob_id for blob_id in (self.content_id, self.text_id) if blob_id is not None)

    def described(self, title: str | None, kind: DocumentKind | None, language: str | None) -> Self:
        """The document with those of these that are not None.

        Raises:
            Invalid: the title is missing or too long, or the language is none.
        """
        return replace(
            self,
            title=self.title if title is None else text(title, at="/title", least=1, most=TITLE_LENGTH),
            kind=kind or self.kind,
            language=self.language if language is None else language_tag(language),
        )

    def edited(self, changes: DocumentChanges) -> Self:
        """The document, described so.

        Raises:
            Invalid: as `described`.
        """
        described = self.described(changes.get("title"), changes.get("kind"), changes.get("language"))
        return replace(described, language=None) if changes.get("language", "") is None else described

    def given(self, content_id: BlobId, digest: bytes, size: int, media_type: str, at: datetime) -> Self:
        """The document with other content, yet to be processed."""
        return replace(
            self,
            content_id=content_id,
            digest=digest,
            size=size,
            media_type=media_type,
            status=DocumentStatus.QUEUED,
            reason=None,
            updated_at=at,
        )

    def queued(self, at: datetime) -> Self:
        """The document, to be processed once more."""
        return replace(self, status=DocumentStatus.QUEUED, reason=None, updated_at=at)

    def processing(self, at: datetime) -> Self:
        """The document while it is read."""
        return replace(self, status=DocumentStatus.PROCESSING, reason=None, updated_at=at)

    def ready(self, text_id: BlobId, title: str | None, at: datetime) -> Self:
        """The document, which can be found from now on; a title found in it takes the place of a mere address."""
        found = readable(" ".join((title or "").split()))[:TITLE_LENGTH].strip()
        renamed = found if found and self.nameless else self.title
        return replace(self, status=DocumentStatus.READY, reason=None, text_id=text_id, title=renamed, updated_at=at)

    def failed(self, reason: str, at: datetime) -> Self:
        """The document, which could not be read, and why."""
        return replace(self, status=DocumentStatus.FAILED, reason=reason, updated_at=at)
