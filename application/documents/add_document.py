import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from application.documents.files import Chunks, DocumentFiles, measured, once
from application.documents.index_document import IndexDocument
from application.ports.clock import Clock
from application.ports.documents import DocumentsWork, DocumentView, DocumentViews
from application.ports.jobs import JobView
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.blobs import Blob
from domain.errors import EditConflict, Fault, Invalid
from domain.ids import WorkspaceId
from domain.jobs import Job
from domain.knowledge import (
    TEXT_LENGTH,
    TITLE_LENGTH,
    Document,
    DocumentAdded,
    DocumentKind,
    DocumentReplaced,
    DocumentStatus,
    page_address,
)
from domain.text import text

_NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text, as Markdown or plain; its document needs a title.

    Attributes:
        source_uri: what its sender calls it, so that another text of that name takes its place; without one nothing
            ever does.
    """

    text: str
    source_uri: str | None = None


@dataclass(frozen=True, slots=True)
class NamedPage:
    """A page, by its address, from which it is fetched later."""

    url: str


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file; `media_type` as its sender names it."""

    name: str
    media_type: str
    chunks: Chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDocumentCommand:
    """What is to be known; a title, kind or language that is None is found, or stays as it was."""

    workspace_id: WorkspaceId
    source: WrittenText | NamedPage | SentFile
    title: str | None = None
    kind: DocumentKind | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedDocument:
    """A document, and the job that processes it; None when there is nothing to do.

    Attributes:
        replaced: whether what was added took the place of what the document held before, or describes it otherwise.
    """

    document: DocumentView
    job: JobView | None
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class AddDocument:
    """Takes a text, a file or the address of a page; what comes from where another came from takes its place.

    Of a text or file with the content of another, which has not failed, that other is the document, as it is.

    Attributes:
        allow_private: whether addresses that are not public are taken.
    """

    begin: Begin[DocumentsWork]
    views: DocumentViews
    files: DocumentFiles
    clock: Clock
    allow_private: bool

    async def __call__(self, caller: Caller, command: AddDocumentCommand) -> AddedDocument:
        """The document, to be processed; when it is there already, ready and the same, nothing is to be done.

        Raises:
            NotFound, Forbidden: the caller may not.
            Invalid: the source, the title or the language cannot be taken.
            QuotaExceeded, Unavailable: as of `WriteBlob`.
            EditConflict: it was changed at the same time, again and again.
        """
        caller.must(Permission.DOCUMENT_WRITE, command.workspace_id)
        found, chunks = await self._found(command)
        if chunks is None:
            return await self._keep(caller, command, found, None)
        digest, size = await measured(chunks)
        if not size:
            raise Invalid(Fault("/file", "too_short", "The file is empty."))
        there = await self._there(command, found, digest)
        if there is not None:
            return AddedDocument(document=DocumentView.of(there), job=None)
        blob = await self.files.write(found.workspace_id, found.media_type, chunks)
        return await self._keep(caller, command, found, blob)

    async def _there(self, command: AddDocumentCommand, found: Document, digest: bytes) -> Document | None:
        """The document that holds this content, if nothing is to be done about it."""
        before = await self.views.of_source(found.workspace_id, found.source_uri)
        if before is None:
            return await self.views.of_digest(found.workspace_id, digest)
        return before if _is_there(before, command, digest) else None

    async def _found(self, command: AddDocumentCommand) -> tuple[Document, Chunks | None]:
        """The document as a new one, and its content, if that is there."""
        match command.source:
            case WrittenText(words, name):
                # In a thread, as it looks at each of two million characters.
                content = (await asyncio.to_thread(text, words, at="/text", least=1, most=TEXT_LENGTH)).encode()
                title = text(command.title or "", at="/title", least=1, most=TITLE_LENGTH)
                found = self._new(command, DocumentKind.NOTE, title, _source_of(name, content), "text/markdown")
                return found, once(content)
            case NamedPage(url):
                address = page_address(url, private=self.allow_private)
                return self._new(command, DocumentKind.WEB_PAGE, address[:TITLE_LENGTH], address, "text/html"), None
            case file:
                # Some name the folders as well.
                name = text(re.split(r"[/\\]", file.name)[-1], at="/file", least=1, most=_NAME_LENGTH)
                return self._new(command, DocumentKind.FILE, name, f"file:{name}", file.media_type), file.chunks

    def _new(
        self, command: AddDocumentCommand, kind: DocumentKind, title: str, source_uri: str, media_type: str
    ) -> Document:
        return Document.added(
            command.workspace_id,
            command.kind or kind,
            title if command.title is None else command.title,
            source_uri,
            media_type,
            self.clock.now(),
            language=command.language,
        )

    async def _keep(
        self, caller: Caller, command: AddDocumentCommand, found: Document, blob: Blob | None
    ) -> AddedDocument:
        try:
            return await self._try_to_keep(caller, command, found, blob)
        except EditConflict:  # somebody adds it at the same time: there is one now
            return await self._try_to_keep(caller, command, found, blob)

    async def _try_to_keep(
        self, caller: Caller, command: AddDocumentCommand, found: Document, blob: Blob | None
    ) -> AddedDocument:
        now = self.clock.now()
        async with self.begin() as work:
            before = await work.documents.of_source(found.workspace_id, found.source_uri)
            if before is None:
                document, anew = _holding(found, blob, found.media_type, now), True
                await work.documents.add(document, because=DocumentAdded.of(document, by=caller.actor, at=now))
            else:
                described = before.described(command.title, command.kind, command.language)
                document, anew = _holding(described, blob, found.media_type, now), described != before
                replaced = DocumentReplaced.of(document, by=caller.actor, at=now)
                for blob_id in before.blob_ids - document.blob_ids:
                    await work.blobs.remove(blob_id)
                document = await work.documents.save(document, because=replaced)
            job = Job.of(IndexDocument.of(document, anew=anew), now)
            await work.jobs.add(job)
            await self.files.keep(work.blobs, *(() if blob is None else (blob,)))
            return await work.commit(
                AddedDocument(
                    document=DocumentView.of(document),
                    job=JobView.of(job, document.workspace_id),
                    replaced=before is not None,
                )
            )


def _source_of(name: str | None, content: bytes) -> str:
    if name is None:
        return f"text:sha256:{sha256(content).hexdigest()}"
    return f"text:{text(name, at='/source_uri', least=1, most=_NAME_LENGTH)}"


def _is_there(before: Document, command: AddDocumentCommand, digest: bytes) -> bool:
    same = before.described(command.title, command.kind, command.language) == before
    return same and before.status is DocumentStatus.READY and before.digest == digest


def _holding(document: Document, blob: Blob | None, media_type: str, at: datetime) -> Document:
    if blob is None:
        return document.queued(at)
    return document.given(blob.id, blob.digest, blob.size, media_type, at)
