from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import bindparam, delete, func, select
from typing_extensions import override

from adapters.postgres.blob_store import PostgresBlobStore
from adapters.postgres.pool import closed_pool, open_pool
from adapters.postgres.statements import Command, Database, Statement, only
from adapters.postgres.tables import blob_chunks
from application.ports.blob_store import PIECE, BlobStore
from domain.blobs import BlobLost
from domain.errors import Unavailable
from tests.contracts.blob_store import BlobStoreContract, chunks, new_blob_id, pattern

LONGEST = Statement(
    select(func.max(func.octet_length(blob_chunks.c.data))).where(blob_chunks.c.blob_id == bindparam("key")), only
)
LOSE = Command(
    delete(blob_chunks).where(blob_chunks.c.blob_id == bindparam("key"), blob_chunks.c.position == bindparam("at"))
)


class TestPostgresBlobStore(BlobStoreContract):
    @pytest.fixture
    @override
    def blob_store(self, database: Database) -> BlobStore:
        return PostgresBlobStore(database)


async def test_no_row_is_larger_than_a_piece(database: Database) -> None:
    blob_id = new_blob_id()
    await PostgresBlobStore(database).write(blob_id, chunks([pattern(3 * PIECE)]))
    assert await database.one(LONGEST, key=blob_id) == PIECE // 4


@pytest.mark.parametrize("at", [1, 2])
async def test_a_blob_that_lacks_a_row_is_not_read_as_if_it_ended_there(database: Database, at: int) -> None:
    store, blob_id = PostgresBlobStore(database), new_blob_id()
    await store.write(blob_id, chunks([pattern(PIECE // 2)]))
    await database.run(LOSE, key=blob_id, at=at)
    with pytest.raises(BlobLost):
        _ = [chunk async for chunk in store.read(blob_id)]


async def test_an_upload_that_waits_for_its_sender_holds_no_connection(database_url: str) -> None:
    async with open_pool(database_url, 1) as pool:
        store, inner, outer = PostgresBlobStore(Database(pool)), new_blob_id(), new_blob_id()

        async def slow() -> AsyncGenerator[bytes, None]:
            yield b"a"
            await store.write(inner, chunks([pattern(PIECE)]))
            yield b"b"

        await store.write(outer, slow())
        assert [chunk async for chunk in store.read(outer)] == [b"ab"]


async def test_a_database_that_is_away_is_unavailable() -> None:
    store = PostgresBlobStore(Database(closed_pool()))
    with pytest.raises(Unavailable):
        await store.write(new_blob_id(), chunks([b"a"]))
    with pytest.raises(Unavailable):
        await anext(store.read(new_blob_id()))
    with pytest.raises(Unavailable):
        await store.delete(new_blob_id())
