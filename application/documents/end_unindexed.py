from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from application.ports.clock import Clock
from application.ports.documents import DocumentsWork
from application.ports.jobs import Burial
from domain.actors import SYSTEM
from domain.errors import NotFound
from domain.ids import DocumentId
from domain.jobs import Job, JobStatus
from domain.json import JsonValue
from domain.knowledge import DocumentFailed, DocumentStatus

_CANCELLED = "Its processing was cancelled."
_DIED = "It could not be processed, although that was tried several times."


@dataclass(frozen=True, slots=True)
class EndUnindexed(Burial[DocumentsWork]):
    """A document whose job died or was cancelled has failed; with a job that is replayed it is to be processed again.

    What was found in it before still is.
    """

    clock: Clock

    async def prepare(self, work: DocumentsWork, payload: Mapping[str, JsonValue]) -> None:
        try:
            await work.documents.lock(_document_id(payload))
        except NotFound:  # gone
            return

    async def bury(self, work: DocumentsWork, job: Job) -> None:
        try:
            document = await work.documents.lock(_document_id(job.payload))
        except NotFound:
            return
        if document.status not in {DocumentStatus.QUEUED, DocumentStatus.PROCESSING}:
            return
        now = self.clock.now()
        failed = DocumentFailed.of(document, by=SYSTEM, at=now)
        await work.documents.save(document.failed(_reason(job), now), because=failed)

    async def revive(self, work: DocumentsWork, job: Job) -> Job:
        """The job as it was; its document is to be processed."""
        document = await work.documents.lock(_document_id(job.payload))
        await work.documents.save(document.queued(self.clock.now()))
        return job


def _reason(job: Job) -> str:
    if job.status is JobStatus.CANCELLED:
        return _CANCELLED
    # What nobody foresaw is told by the name of its class, which is nothing for people.
    return job.error if job.error is not None and job.error.endswith(".") else _DIED


def _document_id(payload: Mapping[str, JsonValue]) -> DocumentId:
    return DocumentId(UUID(str(payload["document_id"])))
