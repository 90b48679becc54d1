from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar, Self, TypeVar

from application.documents.files import DocumentFiles, once
from application.knowledge.indexing import Content, index
from application.ports.clock import Clock
from application.ports.documents import DocumentsWork
from application.ports.jobs import JobProgress
from application.ports.page_fetcher import Fetched, PageFetcher, PageRefused, PageUnavailable
from application.ports.text_extractor import Extracted, TextExtractor, Unreadable
from application.ports.unit_of_work import Begin
from application.ports.workspaces import WorkspaceViews
from domain.actors import SYSTEM, Subject
from domain.blobs import Blob, BlobLost, QuotaExceeded
from domain.errors import NotFound
from domain.ids import BlobId, DocumentId, WorkspaceId
from domain.jobs import Claim, JobSpec, JobStatus, TryAgain, backoff
from domain.knowledge import (
    Document,
    DocumentFailed,
    DocumentIndexed,
    DocumentStatus,
    Source,
    SourceKind,
    Standing,
    TooManyPassages,
)

TEXT_TYPE = "text/markdown; charset=utf-8"
_PATIENCE = 3
"""As if it had failed so often before: a page that does not answer seldom does a second later."""
_LONGEST_WAIT = timedelta(hours=1)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDocument(JobSpec):
    """Have this document found by what it says.

    Attributes:
        anew: also when its page says what it said before.
    """

    type: ClassVar[str] = "index_document"
    document_id: DocumentId
    workspace_id: WorkspaceId
    anew: bool = True

    @classmethod
    def of(cls, document: Document, *, anew: bool = True) -> Self:
        """The job that processes `document`."""
        return cls(document_id=document.id, workspace_id=document.workspace_id, anew=anew)

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def about(self) -> Subject | None:
        return Subject("document", self.document_id)

    @property
    def lane(self) -> str | None:
        return str(self.document_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read: the document with its content, what that says and where it lies, and the blobs to keep."""

    document: Document
    extracted: Extracted
    text_id: BlobId
    blobs: tuple[Blob, ...]


@dataclass(frozen=True, slots=True)
class DocumentIndexer:
    """Fetches a document, if it is a page, reads its text, and makes that findable.

    What was found in the document before stays until that moment, and for good when it cannot be read.
    """

    begin: Begin[DocumentsWork]
    workspaces: WorkspaceViews
    fetcher: PageFetcher
    extractor: TextExtractor
    files: DocumentFiles
    clock: Clock

    async def __call__(self, job: IndexDocument, claim: Claim, progress: JobProgress) -> None:
        """Nothing; the document is ready, or has failed with a reason, or is gone, or is another job's by now.

        Done again, it begins anew; of a document that is ready nothing is left to do.

        Raises:
            JobCancelled: somebody asked it to stop. LeaseLost: the job is not ours any more.
            TryAgain: the page does not answer. Unavailable: a store does not answer.
        """
        document = await self._begun(job, claim)
        if document is None:
            return
        try:
            read = await self._read(job, document, claim, progress)
            await progress.report(70, "Making it findable")
            if read is None:
                await self._leave(document, claim)
            else:
                await self._keep(document, read, claim)
        except (Unreadable, PageRefused, BlobLost, QuotaExceeded, TooManyPassages) as error:
            await self._fail(document, str(error), claim)

    async def _begun(self, job: IndexDocument, claim: Claim) -> Document | None:
        async with self.begin(claim) as work:
            try:
                document = await work.documents.lock(job.document_id)
            except NotFound:
                return None
            if document.status is DocumentStatus.READY:
                return None
            return await work.commit(await work.documents.save(document.processing(self.clock.now())))

    async def _read(self, job: IndexDocument, document: Document, claim: Claim, progress: JobProgress) -> _Read | None:
        """What it says; None when its page says what it said before."""
        if document.content_id is not None and not document.is_page:
            return await self._read_file(document, document.content_id, progress)
        await progress.report(10, "Fetching the page")
        page = await _until_cancelled(progress, lambda: self._fetch(document, claim))
        if sha256(page.body).digest() == document.digest and document.text_id is not None and not job.anew:
            return None
        await progress.report(40, "Reading the page")
        extracted = await _until_cancelled(
            progress, lambda: self.extractor.extract(page.body, page.media_type, page.url)
        )
        blob = await self.files.write(document.workspace_id, page.media_type, once(page.body))
        fetched = document.given(blob.id, blob.digest, blob.size, page.media_type, document.updated_at)
        return await self._with_text(fetched, blob.id, extracted, blob)

    async def _read_file(self, document: Document, content_id: BlobId, progress: JobProgress) -> _Read:
        await progress.report(10, "Reading the file")
        data = await self.files.read(content_id)
        name = document.source_uri.partition(":")[2]
        extracted = await _until_cancelled(progress, lambda: self.extractor.extract(data, document.media_type, name))
        return await self._with_text(document, content_id, extracted)

    async def _with_text(self, document: Document, content_id: BlobId, extracted: Extracted, *blobs: Blob) -> _Read:
        """With a blob of the text, unless the content is just that."""
        data = extracted.text.encode()
        if sha256(data).digest() == document.digest:
            return _Read(document=document, extracted=extracted, text_id=content_id, blobs=blobs)
        blob = await self.files.write(document.workspace_id, TEXT_TYPE, once(data))
        return _Read(document=document, extracted=extracted, text_id=blob.id, blobs=(*blobs, blob))

    async def _fetch(self, document: Document, claim: Claim) -> Fetched:
        try:
            return await self.fetcher.fetch(document.source_uri)
        except PageUnavailable as error:
            asked = error.retry_after
            after = backoff(claim.attempt + _PATIENCE) if asked is None else min(asked, _LONGEST_WAIT)
            raise TryAgain(str(error), after=after) from error

    async def _keep(self, document: Document, read: _Read, claim: Claim) -> None:
        workspace = await self.workspaces.workspace(document.workspace_id)
        async with self.begin(claim) as work:
            if workspace is None or not await _is_ours(work, document):
                return
            now = self.clock.now()
            ready = read.document.ready(read.text_id, read.extracted.title, now)
            # The job before the workspace, as who deletes that locks them so; its passages are what locks it here.
            await work.jobs.held(claim)
            content = Content(read.extracted.text, ready.language or workspace.language, ready.heading)
            source = Source(SourceKind.DOCUMENT, ready.id)
            passages = await index(work, ready.workspace_id, source, content, Standing(at=now), now)
            await work.documents.save(ready, because=DocumentIndexed.of(ready, by=SYSTEM, at=now))
            await work.jobs.finish(claim, {"passages": passages})
            for blob_id in document.blob_ids - ready.blob_ids:
                await work.blobs.remove(blob_id)
            await self.files.keep(work.blobs, *read.blobs)
            await work.commit(None)

    async def _leave(self, document: Document, claim: Claim) -> None:
        """It is as ready as it was."""
        async with self.begin(claim) as work:
            if document.text_id is None or not await _is_ours(work, document):
                return
            now = self.clock.now()
            ready = document.ready(document.text_id, None, now)
            await work.documents.save(ready, because=DocumentIndexed.of(ready, by=SYSTEM, at=now))
            await work.jobs.finish(claim, {"unchanged": True})
            await work.commit(None)

    async def _fail(self, document: Document, reason: str, claim: Claim) -> None:
        async with self.begin(claim) as work:
            if not await _is_ours(work, document):
                return
            now = self.clock.now()
            failed = DocumentFailed.of(document, by=SYSTEM, at=now)
            await work.documents.save(document.failed(reason, now), because=failed)
            await work.jobs.finish(claim, {"reason": reason}, JobStatus.DEAD)
            await work.commit(None)


async def _is_ours(work: DocumentsWork, document: Document) -> bool:
    """Whether it is as the job has left it, and nobody else changes it until the unit ends."""
    try:
        return (await work.documents.lock(document.id)).version == document.version
    except NotFound:
        return False


async def _until_cancelled(progress: JobProgress, act: Callable[[], Awaitable[Result]]) -> Result:
    """What the act gives.

    Raises:
        JobCancelled: somebody asked for the job to stop, and so the act was broken off.
    """

    async def one() -> AsyncGenerator[Result, None]:
        yield await act()

    async with aclosing(progress.guard(one())) as results:
        return await anext(results)
