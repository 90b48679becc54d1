from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from application.ports.blob_store import BlobStore
from application.ports.blobs import BlobLog
from application.ports.clock import Clock
from application.ports.jobs import JobProgress
from domain.jobs import Claim, JobSpec

GRACE = timedelta(hours=24)
"""How long it may take from the first byte of a blob until it is kept."""
BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectBlobs(JobSpec):
    """Delete the bytes that nobody will ask for any more."""

    type: ClassVar[str] = "collect_blobs"

    @property
    def unique_key(self) -> str | None:
        return "all"


@dataclass(frozen=True, slots=True)
class BlobCollector:
    """Deletes the bytes of removed blobs, and of those not kept after `GRACE`.

    An id is due before its bytes are deleted, and forgotten afterwards: from then on no unit can keep it, and a crash
    in between leaves it due.
    """

    log: BlobLog
    store: BlobStore
    clock: Clock

    async def __call__(self, _job: CollectBlobs, _claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many it deleted. Done again, it goes on with what is left.

        Raises:
            JobCancelled: somebody asked it to stop; what was done stays done.
            LeaseLost: the job is not ours any more.
            Unavailable: the store does not answer.
        """
        await self.log.expire(self.clock.now() - GRACE)
        deleted = 0
        while due := await self.log.due(BATCH):
            for blob_id in due:
                await self.store.delete(blob_id)
                await self.log.forget(blob_id)
            deleted += len(due)
            await progress.report(50, f"{deleted} files deleted")
        await progress.report(100, f"{deleted} files deleted")
