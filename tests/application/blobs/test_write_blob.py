import pytest

from domain.blobs import Quota, QuotaExceeded
from domain.errors import Invalid, Unavailable
from tests.application.blobs.desk import Desk, digest


async def test_a_written_blob_is_measured_and_can_be_kept(desk: Desk) -> None:
    blob = await desk.write(b"some", b"", b" bytes")
    assert (blob.size, blob.digest, blob.media_type) == (10, digest(b"some bytes"), "text/plain")
    assert (blob.workspace_id, blob.created_at) == (desk.workspace_id, desk.world.clock.now())
    await desk.keep(blob)
    assert await desk.read(blob) == b"some bytes"


async def test_an_empty_blob_is_one_too(desk: Desk) -> None:
    blob = await desk.keep(await desk.write())
    assert (blob.size, await desk.read(blob)) == (0, b"")


async def test_what_is_longer_than_it_may_be_is_refused_and_collected(desk: Desk) -> None:
    await desk.write(b"12345", most=5)
    with pytest.raises(Invalid, match="at most 5 bytes"):
        await desk.write(b"12345", b"6", b"never asked for", most=5)
    assert len(await desk.log.due(9)) == 1


async def test_what_the_quota_has_no_room_for_is_refused_before_it_is_written(desk: Desk) -> None:
    desk.quota = Quota(10)
    await desk.keep(await desk.write(b"123456"))
    with pytest.raises(QuotaExceeded):
        await desk.write(b"1234", b"5")
    await desk.keep(await desk.write(b"1234"))


async def test_the_quota_is_looked_at_again_when_a_blob_is_kept(desk: Desk) -> None:
    desk.quota = Quota(10)
    first, second = await desk.write(b"123456"), await desk.write(b"123456")
    await desk.keep(first)
    with pytest.raises(QuotaExceeded):
        await desk.keep(second)


async def test_what_a_store_does_not_take_is_due_for_collection(desk: Desk) -> None:
    desk.store.away = True
    with pytest.raises(Unavailable):
        await desk.write(b"a")
    assert await desk.log.due(9) == list(desk.store.contents)
