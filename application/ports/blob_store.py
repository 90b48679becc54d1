from collections.abc import AsyncGenerator, AsyncIterable
from typing import Protocol

from domain.ids import BlobId

PIECE = 1024 * 1024
"""Bytes of the longest chunk that a store gives."""


class BlobStore(Protocol):
    """The bytes of blobs, each written once under an id of its own; whose they are stands in `Blobs`.

    Chunks may have any length, and blobs as well: of none is more in memory than a few chunks.
    """

    async def write(self, blob_id: BlobId, chunks: AsyncIterable[bytes]) -> None:
        """Stores the bytes; once it returns they outlive a crash.

        When `chunks` raises, or the caller is cancelled, what was written so far is gone or is removed by `delete`.

        Raises:
            Unavailable: the store does not take them at the moment.
        """
        ...

    def read(self, blob_id: BlobId) -> AsyncGenerator[bytes, None]:
        """The bytes, in chunks of up to `PIECE`, none of them empty.

        Raises:
            BlobLost: before the first chunk: there are none under this id.
            Unavailable: the store does not answer, or stops to.
        """
        ...

    async def delete(self, blob_id: BlobId) -> None:
        """The bytes are gone, also those of a `write` that was broken off; nothing when there are none.

        Raises:
            Unavailable: the store does not answer.
        """
        ...
