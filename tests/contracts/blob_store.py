"""What every blob store promises. A test class per adapter inherits the contract and overrides its fixture."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime

import pytest

from application.ports.blob_store import PIECE, BlobStore
from domain.blobs import BlobLost, QuotaExceeded
from domain.ids import BlobId, new_id

MB = 1024 * 1024


class SourceBroken(Exception):
    """Whoever sends the bytes is gone."""


def new_blob_id() -> BlobId:
    return BlobId(new_id(datetime.now(UTC)))


async def chunks(parts: Iterable[bytes], failure: Exception | None = None) -> AsyncGenerator[bytes, None]:
    for part in parts:
        yield part
    if failure:
        raise failure


def pattern(size: int) -> bytes:
    """So many bytes that differ from place to place."""
    numbers = b"".join(number.to_bytes(4) for number in range(min(size // 4 + 1, 70_000)))
    return (numbers * (size // len(numbers) + 1))[:size]


async def read(store: BlobStore, blob_id: BlobId) -> bytes:
    return b"".join([chunk async for chunk in store.read(blob_id)])


class BlobStoreContract:
    @pytest.fixture
    def blob_store(self) -> BlobStore:
        raise NotImplementedError

    @pytest.mark.parametrize("size", [0, 1, MB // 4 - 1, MB // 4, MB // 4 + 1, MB, 20 * MB])
    async def test_what_is_written_is_read_in_pieces(self, blob_store: BlobStore, size: int) -> None:
        blob_id, contents = new_blob_id(), pattern(size)
        await blob_store.write(blob_id, chunks(contents[start : start + 777_777] for start in range(0, size, 777_777)))
        found = [chunk async for chunk in blob_store.read(blob_id)]
        assert b"".join(found) == contents
        assert all(0 < len(chunk) <= PIECE for chunk in found)

    async def test_a_blob_may_come_in_one_chunk_or_in_many_with_empty_ones(self, blob_store: BlobStore) -> None:
        blob_id, contents = new_blob_id(), pattern(3 * MB)
        await blob_store.write(blob_id, chunks([b"", contents, b"", b"end"]))
        other_id = new_blob_id()
        await blob_store.write(other_id, chunks([b"a"] * 1000))
        assert await read(blob_store, blob_id) == contents + b"end"
        assert await read(blob_store, other_id) == b"a" * 1000

    async def test_what_was_never_written_is_lost(self, blob_store: BlobStore) -> None:
        with pytest.raises(BlobLost):
            await anext(blob_store.read(new_blob_id()))

    async def test_what_is_deleted_is_lost_and_nothing_else(self, blob_store: BlobStore) -> None:
        gone, left = new_blob_id(), new_blob_id()
        await blob_store.write(gone, chunks([pattern(MB)]))
        await blob_store.write(left, chunks([b"left"]))
        await blob_store.delete(gone)
        await blob_store.delete(gone)
        with pytest.raises(BlobLost):
            await anext(blob_store.read(gone))
        assert await read(blob_store, left) == b"left"

    async def test_deleting_what_never_was_does_nothing(self, blob_store: BlobStore) -> None:
        await blob_store.delete(new_blob_id())

    @pytest.mark.parametrize("size", [0, MB, 17 * MB])
    @pytest.mark.parametrize("failure", [SourceBroken(), ConnectionResetError(), QuotaExceeded()], ids=repr)
    async def test_what_a_broken_source_raises_comes_through(
        self, blob_store: BlobStore, size: int, failure: Exception
    ) -> None:
        with pytest.raises(type(failure)) as raised:
            await blob_store.write(new_blob_id(), chunks([pattern(size)], failure))
        assert raised.value is failure

    async def test_a_write_that_was_broken_off_leaves_nothing_once_it_is_deleted(self, blob_store: BlobStore) -> None:
        blob_id = new_blob_id()
        with pytest.raises(SourceBroken):
            await blob_store.write(blob_id, chunks([pattern(2 * MB)], SourceBroken()))
        await blob_store.delete(blob_id)
        with pytest.raises(BlobLost):
            await anext(blob_store.read(blob_id))

    async def test_a_write_can_be_cancelled_and_deleted(self, blob_store: BlobStore) -> None:
        blob_id, begun = new_blob_id(), asyncio.Event()

        async def endless() -> AsyncGenerator[bytes, None]:
            yield pattern(2 * MB)
            begun.set()
            await asyncio.Event().wait()

        writing = asyncio.create_task(blob_store.write(blob_id, endless()))
        await begun.wait()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await blob_store.delete(blob_id)
        with pytest.raises(BlobLost):
            await anext(blob_store.read(blob_id))

    async def test_many_write_and_read_at_once(self, blob_store: BlobStore) -> None:
        blobs = {new_blob_id(): bytes([number]) * 300_000 for number in range(10)}
        async with asyncio.TaskGroup() as tasks:
            for blob_id, contents in blobs.items():
                tasks.create_task(blob_store.write(blob_id, chunks([contents])))
        found = await asyncio.gather(*(read(blob_store, blob_id) for blob_id in blobs))
        assert found == list(blobs.values())
