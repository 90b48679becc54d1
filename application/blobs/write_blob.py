from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import sha256

from application.ports.blob_store import BlobStore
from application.ports.blobs import BlobLog, BlobViews
from application.ports.clock import Clock
from domain.blobs import Blob, Quota, too_large
from domain.ids import BlobId, WorkspaceId, new_id


@dataclass(frozen=True, slots=True)
class WriteBlob:
    """Writes the bytes of a blob, which a unit of work is to keep within the day: `work.blobs.add(blob, quota)`.

    First the log knows of the id, then the store has the bytes, then the unit makes them a blob. Whatever breaks in
    between leaves bytes that `CollectBlobs` finds in the log.
    """

    log: BlobLog
    views: BlobViews
    store: BlobStore
    quota: Quota
    clock: Clock

    async def __call__(
        self, workspace_id: WorkspaceId, media_type: str, chunks: AsyncIterable[bytes], most: int | None = None
    ) -> Blob:
        """The blob of all chunks, written and not kept yet.

        Raises:
            Invalid: they have more than `most` bytes.
            QuotaExceeded: there is no room for them; it is looked at again, exactly, when the blob is added.
            Unavailable: the store or the log does not answer.
        """
        at = self.clock.now()
        blob_id = BlobId(new_id(at))
        measure = _Measure(await self.views.used(workspace_id), self.quota, most)
        await self.log.begin(blob_id, workspace_id, at)
        try:
            async with aclosing(measure.through(chunks)) as measured:
                await self.store.write(blob_id, measured)
        except Exception:
            await self.log.abandon(blob_id)
            raise
        return Blob(
            id=blob_id,
            workspace_id=workspace_id,
            digest=measure.digest(),
            size=measure.size,
            media_type=media_type,
            created_at=at,
        )


class _Measure:
    """Counts and hashes what passes."""

    def __init__(self, used: int, quota: Quota, most: int | None) -> None:
        self.size = 0
        self._used = used
        self._quota = quota
        self._most = most
        self._hash = sha256()

    async def through(self, chunks: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
        async for chunk in chunks:
            self.size += len(chunk)
            if self._most is not None and self.size > self._most:
                raise too_large(self._most)
            self._quota.check(self._used, self.size)
            self._hash.update(chunk)
            yield chunk

    def digest(self) -> bytes:
        return self._hash.digest()
