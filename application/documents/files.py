"""The bytes of documents."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from hashlib import sha256

from application.blobs.read_blob import ReadBlob
from application.blobs.write_blob import WriteBlob
from application.ports.blobs import Blobs, BlobViews
from domain.blobs import Blob, BlobLost, Quota
from domain.ids import BlobId, WorkspaceId
from domain.knowledge import FILE_BYTES

Chunks = Callable[[], AsyncGenerator[bytes, None]]
"""Gives the bytes of a file, each time from its beginning."""


@dataclass(frozen=True, slots=True)
class DocumentFiles:
    """Where the bytes of documents are kept."""

    views: BlobViews
    read_blob: ReadBlob
    write_blob: WriteBlob
    quota: Quota

    async def write(self, workspace_id: WorkspaceId, media_type: str, chunks: Chunks) -> Blob:
        """The blob of these bytes, not kept yet.

        Raises:
            Invalid: they are more than `FILE_BYTES`. QuotaExceeded, Unavailable: as of `WriteBlob`.
        """
        return await self.write_blob(workspace_id, media_type, chunks(), FILE_BYTES)

    async def keep(self, blobs: Blobs, *written: Blob) -> None:
        """Keeps the blobs with the unit that `blobs` is of, in which nothing is locked afterwards.

        Raises:
            QuotaExceeded, UploadExpired: as of `Blobs.add`.
        """
        for blob in written:
            await blobs.add(blob, self.quota)

    async def open(self, blob_id: BlobId) -> tuple[Blob, AsyncGenerator[bytes, None]]:
        """A kept blob and its bytes.

        Raises:
            BlobLost, Unavailable: as of `ReadBlob`.
        """
        blob = await self.views.blob(blob_id)
        if blob is None:
            raise BlobLost
        return blob, await self.read_blob(blob)

    async def read(self, blob_id: BlobId) -> bytes:
        """All of its bytes.

        Raises:
            BlobLost, Unavailable: as of `ReadBlob`.
        """
        _, chunks = await self.open(blob_id)
        return b"".join([chunk async for chunk in chunks])


def once(data: bytes) -> Chunks:
    """The chunks of what is in memory."""

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield data

    return chunks


async def measured(chunks: Chunks) -> tuple[bytes, int]:
    """The SHA-256 of the bytes, and their number."""
    found, size = sha256(), 0
    async for chunk in chunks():
        found.update(chunk)
        size += len(chunk)
    return found.digest(), size
