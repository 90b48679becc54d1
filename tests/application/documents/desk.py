"""A workspace that knows documents, and a worker that processes them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from typing_extensions import override

from adapters.memory.blob_store import MemoryBlobStore
from adapters.memory.blobs import MemoryBlobLog, MemoryBlobViews
from adapters.memory.documents import MemoryDocumentViews
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.page_fetcher import MemoryPageFetcher
from adapters.memory.text_extractor import MemoryTextExtractor
from application.blobs.read_blob import ReadBlob
from application.blobs.write_blob import WriteBlob
from application.documents.add_document import (
    AddDocument,
    AddDocumentCommand,
    AddedDocument,
    NamedPage,
    SentFile,
    WrittenText,
)
from application.documents.documents import EditDocument, ListDocuments, ReadDocument, ReindexDocument, RemoveDocument
from application.documents.end_unindexed import EndUnindexed
from application.documents.files import DocumentFiles, once
from application.documents.index_document import DocumentIndexer, IndexDocument
from application.documents.read_content import ContentForm, ReadContent
from application.jobs.cancel_job import CancelJob, EndCancelledJob
from application.jobs.fail_job import FailJob
from application.jobs.replay_job import ReplayJob
from application.ports.documents import DocumentView
from application.ports.jobs import Burial, JobsWork
from application.ports.page_fetcher import Fetched
from application.ports.text_extractor import Extracted
from application.ports.workspaces import WorkspaceView
from domain.access import Caller
from domain.blobs import Quota
from domain.ids import DocumentId, WorkspaceId
from domain.jobs import Claim, Job, JobCancelled, TryAgain
from domain.knowledge import Document, DocumentChanges, Source, SourceKind
from tests.application.world import LEASE, World

URL = "https://studio.example/prices"
Act = Callable[[], Awaitable[object]]


class ActingTextExtractor(MemoryTextExtractor):
    """Does `before` before it reads."""

    before: Act | None = None

    @override
    async def extract(self, data: bytes, media_type: str, name: str) -> Extracted:
        if self.before is not None:
            await self.before()
        return await super().extract(data, media_type, name)


class ActingPageFetcher(MemoryPageFetcher):
    """Does `before` before it fetches."""

    before: Act | None = None

    @override
    async def fetch(self, url: str) -> Fetched:
        if self.before is not None:
            await self.before()
        return await super().fetch(url)


@dataclass(slots=True, kw_only=True)
class Desk:
    """The world as the owner of a workspace has it."""

    world: World
    owner: Caller
    workspace: WorkspaceView
    blobs: MemoryBlobStore = field(default_factory=MemoryBlobStore)
    extractor: ActingTextExtractor = field(default_factory=ActingTextExtractor)
    fetcher: ActingPageFetcher = field(default_factory=ActingPageFetcher)
    quota: Quota = field(default_factory=Quota)

    @property
    def views(self) -> MemoryDocumentViews:
        return MemoryDocumentViews(self.world.store)

    @property
    def files(self) -> DocumentFiles:
        views = MemoryBlobViews(self.world.store)
        write = WriteBlob(MemoryBlobLog(self.world.store), views, self.blobs, self.quota, self.world.clock)
        return DocumentFiles(views, ReadBlob(self.blobs), write, self.quota)

    # What members do

    async def add(
        self, source: WrittenText | NamedPage | SentFile, caller: Caller | None = None, **described: Any
    ) -> AddedDocument:
        self.world.clock.advance(timedelta(milliseconds=1))
        command = AddDocumentCommand(workspace_id=self.workspace.id, source=source)
        use_case = AddDocument(self.world.begin, self.views, self.files, self.world.clock, allow_private=False)
        return await use_case(caller or self.owner, replace(command, **described))

    async def write(self, text: str, title: str = "Prices", **described: Any) -> AddedDocument:
        """Adds a text that its sender calls as its title does."""
        return await self.add(WrittenText(text, title), title=title, **described)

    async def note(self, text: str, title: str = "Prices", **described: Any) -> AddedDocument:
        """Adds a text that has no name but its title."""
        return await self.add(WrittenText(text), title=title, **described)

    async def send(self, data: bytes, name: str = "prices.txt", **described: Any) -> AddedDocument:
        return await self.add(SentFile(name, "text/plain", once(data)), **described)

    async def name(self, url: str = URL, **described: Any) -> AddedDocument:
        return await self.add(NamedPage(url), **described)

    async def ready(self, text: str, title: str = "Prices") -> DocumentId:
        """A document that was written and processed."""
        added = await self.write(text, title)
        await self.work()
        return added.document.id

    async def remove(self, document_id: DocumentId, caller: Caller | None = None, expected: int | None = None) -> None:
        use_case = RemoveDocument(self.world.begin, self.views, self.world.clock)
        await use_case(caller or self.owner, document_id, expected)

    async def reindex(
        self, document_id: DocumentId, caller: Caller | None = None, expected: int | None = None
    ) -> AddedDocument:
        use_case = ReindexDocument(self.world.begin, self.views, self.world.clock)
        return await use_case(caller or self.owner, document_id, expected)

    async def edit(
        self,
        document_id: DocumentId,
        changes: DocumentChanges,
        caller: Caller | None = None,
        expected: int | None = None,
    ) -> DocumentView:
        use_case = EditDocument(self.world.begin, self.views, self.world.clock)
        return await use_case(caller or self.owner, document_id, changes, expected)

    async def content(self, document_id: DocumentId, form: ContentForm = ContentForm.ORIGINAL) -> tuple[str, bytes]:
        """Its name as a file, and its bytes."""
        found = await ReadContent(self.views, self.world.workspaces, self.files)(self.owner, document_id, form)
        data = b"".join([chunk async for chunk in found.chunks])
        assert len(data) == found.size
        return found.name, data

    @property
    def read(self) -> ReadDocument:
        return ReadDocument(self.views)

    @property
    def listing(self) -> ListDocuments:
        return ListDocuments(self.views)

    # What workers do

    @property
    def burials(self) -> Mapping[str, Burial[JobsWork]]:
        # One class of units is seen through all the protocols, those of jobs and of documents.
        return cast("Mapping[str, Burial[JobsWork]]", {IndexDocument.type: EndUnindexed(self.world.clock)})

    @property
    def indexer(self) -> DocumentIndexer:
        world = self.world
        return DocumentIndexer(world.begin, world.workspaces, self.fetcher, self.extractor, self.files, world.clock)

    async def claim(self) -> Claim:
        """The next document's job, in the hands of a worker."""
        (claim,) = await self.world.queue.claim([IndexDocument.type], 1, LEASE)
        return claim

    async def index(self, claim: Claim, progress: MemoryJobProgress | None = None) -> None:
        """Does the job; what it raises is the worker's."""
        await self.indexer(job_of(claim), claim, progress or MemoryJobProgress())

    async def work(self, claim: Claim | None = None, progress: MemoryJobProgress | None = None) -> None:
        """Does the next job as a worker does: a failure is counted, a cancellation is one."""
        claim, world = claim or await self.claim(), self.world
        try:
            await self.index(claim, progress)
        except TryAgain as error:
            await FailJob(world.begin, self.burials, world.clock)(claim, str(error), error.after)
        except JobCancelled:
            await EndCancelledJob(world.begin, self.burials, world.clock)(claim)
        else:
            await world.queue.finish(claim)

    async def die(self, error: str) -> None:
        """The next job fails so, again and again."""
        while not (job := self.newest_job()).ended:
            self.world.clock.advance(max(timedelta(0), job.run_at - self.world.clock.now()))
            await FailJob(self.world.begin, self.burials, self.world.clock)(await self.claim(), error)

    async def cancel(self, job: Job) -> None:
        await CancelJob(self.world.begin, self.world.jobs, self.burials, self.world.clock)(self.owner, job.id)

    async def replay(self, job: Job) -> None:
        await ReplayJob(self.world.begin, self.world.jobs, self.burials, self.world.clock)(self.owner, job.id)

    # What is stored

    def document(self, document_id: DocumentId | None = None) -> Document:
        """This one, or the only one."""
        if document_id is not None:
            return self.world.store.documents.rows[document_id]
        (document,) = self.world.store.documents.rows.values()
        return document

    def newest_job(self) -> Job:
        jobs = [job for job in self.world.store.jobs.rows.values() if job.type == IndexDocument.type]
        return jobs[-1]

    def kept(self) -> set[bytes]:
        """The bytes of all blobs that are kept."""
        rows = self.world.store.blobs.rows.values()
        return {self.blobs.contents[row.id] for row in rows if row.kept is not None}

    async def find(self, query: str) -> list[str]:
        return await self.world.find(self.workspace.id, query)

    async def headings(self) -> dict[str, str]:
        """Under what each passage of a document stands, by what it says."""
        rows = self.world.store.documents.rows.values()
        documents = [Source(SourceKind.DOCUMENT, row.id) for row in rows]
        async with self.world.begin() as work:
            found = [passage for source in documents for passage in await work.passages.of(source)]
        return {passage.text: passage.heading for passage in found}

    def happened(self) -> list[str]:
        """What happened to documents."""
        events = self.world.events(self.workspace.id)
        return [event.type for event in events if event.type.startswith("document.")]


def page_of(text: str, media_type: str = "text/plain") -> Fetched:
    return Fetched(url=URL, media_type=media_type, body=text.encode())


def job_of(claim: Claim) -> IndexDocument:
    """What a claimed job is to do."""
    given = claim.payload
    return IndexDocument(
        document_id=DocumentId(UUID(str(given["document_id"]))),
        workspace_id=WorkspaceId(UUID(str(given["workspace_id"]))),
        anew=bool(given["anew"]),
    )


async def a_desk(world: World) -> Desk:
    owner, workspace = await world.owner()
    return Desk(world=world, owner=owner, workspace=workspace)
