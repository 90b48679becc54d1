from datetime import timedelta

import pytest

from application.blobs.collect_blobs import BATCH, GRACE
from domain.blobs import UploadExpired
from domain.errors import Unavailable
from tests.application.blobs.desk import Desk

MOMENT = timedelta(seconds=1)


async def test_bytes_of_a_removed_blob_are_deleted_and_others_stay(desk: Desk) -> None:
    gone, left = [await desk.keep(await desk.write(contents)) for contents in (b"gone", b"left")]
    await desk.remove(gone)
    assert await desk.collect() == [(50, "1 files deleted"), (100, "1 files deleted")]
    assert desk.store.contents == {left.id: b"left"}
    assert desk.world.store.blobs.rows.keys() == {left.id}


async def test_bytes_that_were_never_kept_are_deleted_after_a_day_and_no_sooner(desk: Desk) -> None:
    blob = await desk.write(b"never kept")
    desk.world.clock.advance(GRACE)
    await desk.collect()
    assert desk.store.contents == {blob.id: b"never kept"}
    desk.world.clock.advance(MOMENT)
    await desk.collect()
    assert desk.store.contents == {}


async def test_what_was_collected_cannot_be_kept(desk: Desk) -> None:
    blob = await desk.write(b"too late")
    desk.world.clock.advance(GRACE + MOMENT)
    await desk.collect()
    with pytest.raises(UploadExpired):
        await desk.keep(blob)


async def test_a_crash_between_deleting_and_forgetting_is_made_good(desk: Desk) -> None:
    blob = await desk.keep(await desk.write(b"gone"))
    await desk.remove(blob)
    await desk.store.delete(blob.id)
    await desk.collect()
    assert await desk.log.due(9) == []


async def test_what_a_store_that_is_away_does_not_delete_stays_due(desk: Desk) -> None:
    await desk.remove(await desk.keep(await desk.write(b"gone")))
    desk.store.away = True
    with pytest.raises(Unavailable):
        await desk.collect()
    desk.store.away = False
    await desk.collect()
    assert desk.store.contents == {}


async def test_more_than_a_batch_is_collected_at_once(desk: Desk) -> None:
    for _ in range(BATCH + 1):
        await desk.remove(await desk.keep(await desk.write(b"gone")))
    assert [note for _, note in await desk.collect()] == [
        f"{BATCH} files deleted",
        f"{BATCH + 1} files deleted",
        f"{BATCH + 1} files deleted",
    ]
    assert desk.store.contents == {}


async def test_with_nothing_to_collect_it_says_so(desk: Desk) -> None:
    assert await desk.collect() == [(100, "0 files deleted")]
