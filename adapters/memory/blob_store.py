from collections.abc import AsyncGenerator, AsyncIterable

from typing_extensions import override

from application.ports.blob_store import PIECE, BlobStore
from domain.blobs import BlobLost
from domain.ids import BlobId


class MemoryBlobStore(BlobStore):
    """Bytes that die with the process.

    Attributes:
        contents: the bytes of each blob.
    """

    def __init__(self) -> None:
        self.contents: dict[BlobId, bytes] = {}

    @override
    async def write(self, blob_id: BlobId, chunks: AsyncIterable[bytes]) -> None:
        self.contents[blob_id] = b"".join([chunk async for chunk in chunks])

    @override
    async def read(self, blob_id: BlobId) -> AsyncGenerator[bytes, None]:
        contents = self.contents.get(blob_id)
        if contents is None:
            raise BlobLost
        for start in range(0, len(contents), PIECE):
            yield contents[start : start + PIECE]

    @override
    async def delete(self, blob_id: BlobId) -> None:
        self.contents.pop(blob_id, None)
