from collections.abc import AsyncGenerator, AsyncIterable

from sqlalchemy import bindparam, delete, insert, select
from typing_extensions import override

from adapters.postgres.statements import Command, Database, Statement, only
from adapters.postgres.tables import blob_chunks
from application.ports.blob_store import PIECE, BlobStore
from domain.blobs import BlobLost
from domain.ids import BlobId

_t = blob_chunks.c
_LENGTH = PIECE // 4  # bytes of a row: what a statement sends is in memory several times
_of_blob = _t.blob_id == bindparam("key")
_WRITE = Command(insert(blob_chunks), columns=["blob_id", "position", "data"])
_READ = Statement(select(_t.data).where(_of_blob, _t.position == bindparam("at")), only)
_DELETE = Command(delete(blob_chunks).where(_of_blob))


class PostgresBlobStore(BlobStore):
    """Bytes in rows; each chunk is a statement of its own, so that no upload holds a connection while it waits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def write(self, blob_id: BlobId, chunks: AsyncIterable[bytes]) -> None:
        position = 0
        async for row in _rows(chunks):
            await self._database.run(_WRITE, blob_id=blob_id, position=position, data=row)
            position += 1

    @override
    async def read(self, blob_id: BlobId) -> AsyncGenerator[bytes, None]:
        position = 0
        while (data := await self._database.one(_READ, key=blob_id, at=position)) is not None:
            if data:
                yield data
            position += 1
            if len(data) < _LENGTH:
                return
        raise BlobLost

    @override
    async def delete(self, blob_id: BlobId) -> None:
        await self._database.run(_DELETE, key=blob_id)


async def _rows(chunks: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
    """The same bytes, `_LENGTH` of them each time, and at the end fewer, or none: so the end of a blob is known."""
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        while len(held) >= _LENGTH:
            yield bytes(held[:_LENGTH])
            del held[:_LENGTH]
    yield bytes(held)
