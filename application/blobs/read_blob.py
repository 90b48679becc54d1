import hmac
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import sha256

from application.ports.blob_store import BlobStore
from domain.blobs import Blob, BlobLost


@dataclass(frozen=True, slots=True)
class ReadBlob:
    """Reads the bytes of a blob, of which the caller of this has found that they may be read."""

    store: BlobStore

    async def __call__(self, blob: Blob) -> AsyncGenerator[bytes, None]:
        """Its bytes, in chunks; the first is there when it returns, so that what is lost is known before an answer.

        Raises:
            BlobLost: they are not there; and from the iterator, at its end, when they are not those that were written.
            Unavailable: the store does not answer; and from the iterator when it stops to.
        """
        chunks = self.store.read(blob.id)
        return _checked(blob, await anext(chunks, b""), chunks)


async def _checked(blob: Blob, first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(rest):
        found = sha256(first)
        if first:
            yield first
        async for chunk in rest:
            found.update(chunk)
            yield chunk
    if not hmac.compare_digest(found.digest(), blob.digest):
        raise BlobLost
