import pytest

from application.blobs.read_blob import ReadBlob
from domain.blobs import BlobLost
from tests.application.blobs.desk import Desk


async def test_a_blob_of_many_pieces_is_read_in_order(desk: Desk) -> None:
    contents = b"".join(number.to_bytes(4) for number in range(1_000_000))
    assert await desk.read(await desk.keep(await desk.write(contents))) == contents


async def test_bytes_that_are_not_there_are_lost_before_anything_is_answered(desk: Desk) -> None:
    blob = await desk.keep(await desk.write(b"some bytes"))
    desk.store.contents.clear()
    with pytest.raises(BlobLost):
        await ReadBlob(desk.store)(blob)


@pytest.mark.parametrize("contents", [b"", b"some byte", b"Some bytes", b"some bytes and more"])
async def test_bytes_that_are_others_are_lost_at_their_end(desk: Desk, contents: bytes) -> None:
    blob = await desk.keep(await desk.write(b"some bytes"))
    desk.store.contents[blob.id] = contents
    with pytest.raises(BlobLost):
        await desk.read(blob)
