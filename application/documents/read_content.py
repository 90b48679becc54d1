from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum

from application.documents.documents import seen
from application.documents.files import DocumentFiles, once
from application.documents.index_document import TEXT_TYPE
from application.ports.documents import DocumentViews
from application.ports.workspaces import WorkspaceViews
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import DocumentId
from domain.knowledge import Document, DocumentNotReady


class ContentForm(StrEnum):
    """In which form content is read: as it was added, or the text that passages are pieces of."""

    ORIGINAL = "original"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentContent:
    """What a document holds: its name as a file, its media type as its maker named it, its bytes and their number."""

    name: str
    media_type: str
    size: int
    chunks: AsyncGenerator[bytes, None]


@dataclass(frozen=True, slots=True)
class ReadContent:
    """Gives what a document holds; the knowledge base is the same in both forms."""

    views: DocumentViews
    workspaces: WorkspaceViews
    files: DocumentFiles

    async def __call__(self, caller: Caller, document_id: DocumentId, form: ContentForm) -> DocumentContent:
        """The content.

        Raises:
            NotFound, Forbidden: there is no such document, or the caller may not.
            DocumentNotReady: it has no content in this form, or not yet.
            BlobLost, Unavailable: as of `ReadBlob`.
        """
        document = await seen(self.views, caller, document_id, Permission.DOCUMENT_READ)
        if document.is_knowledge_base:
            return await self._knowledge_base(document)
        as_text = form is ContentForm.TEXT
        blob_id = document.text_id if as_text else document.content_id
        if blob_id is None:
            raise DocumentNotReady
        blob, chunks = await self.files.open(blob_id)
        return DocumentContent(
            name=document.text_name if as_text else document.file_name,
            media_type=TEXT_TYPE if as_text else document.media_type,
            size=blob.size,
            chunks=chunks,
        )

    async def _knowledge_base(self, document: Document) -> DocumentContent:
        workspace = await self.workspaces.workspace(document.workspace_id)
        if workspace is None:
            raise NotFound
        data = workspace.knowledge_base.encode()
        return DocumentContent(name=document.text_name, media_type=TEXT_TYPE, size=len(data), chunks=once(data)())
