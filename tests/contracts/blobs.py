import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from domain.blobs import Blob, Quota, QuotaExceeded, UploadExpired
from domain.errors import Conflict, NotFound
from domain.ids import BlobId, WorkspaceId, new_id
from tests.contracts.examples import a_tenant, later, refused
from tests.contracts.stores import Stores

DAY = timedelta(days=1)
MANY = 10_000  # more than other tests leave behind
UNLIMITED = Quota()


async def a_begun_blob(stores: Stores, workspace_id: WorkspaceId, size: int = 10, at: datetime | None = None) -> Blob:
    """A blob whose bytes are written, and which is not kept yet."""
    at = at or later(stores)
    blob = Blob(
        id=BlobId(new_id(at)),
        workspace_id=workspace_id,
        digest=sha256(b"bytes").digest(),
        size=size,
        media_type="image/webp",
        created_at=at,
    )
    await stores.blob_log.begin(blob.id, workspace_id, at)
    return blob


async def keep(stores: Stores, blob: Blob, quota: Quota = UNLIMITED) -> Blob:
    async with stores.begin() as work:
        await work.blobs.add(blob, quota)
        return await work.commit(blob)


async def a_kept_blob(stores: Stores, workspace_id: WorkspaceId, size: int = 10) -> Blob:
    return await keep(stores, await a_begun_blob(stores, workspace_id, size))


async def remove(stores: Stores, blob: Blob) -> None:
    async with stores.begin() as work:
        await work.blobs.remove(blob.id)
        await work.commit(None)


async def due(stores: Stores, *blobs: Blob) -> list[bool]:
    """Which of these are to be collected."""
    found = set(await stores.blob_log.due(MANY))
    return [blob.id in found for blob in blobs]


class BlobsContract:
    """Every `Blobs`."""

    async def test_a_blob_is_kept_as_it_was_given(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        blob = await a_kept_blob(stores, tenant.id, size=3_000_000_000)
        assert await stores.blobs.blob(blob.id) == blob
        async with stores.begin() as work:
            assert await work.blobs.get(blob.id) == blob

    async def test_a_blob_is_there_only_once_its_unit_has_committed(self, stores: Stores) -> None:
        blob = await a_begun_blob(stores, (await a_tenant(stores)).id)
        assert await stores.blobs.blob(blob.id) is None
        async with stores.begin() as work:
            await work.blobs.add(blob, UNLIMITED)
            assert await stores.blobs.blob(blob.id) is None
        assert await stores.blobs.blob(blob.id) is None
        async with refused(stores, NotFound) as work:
            await work.blobs.get(blob.id)

    async def test_what_was_not_announced_cannot_be_kept(self, stores: Stores) -> None:
        blob = await a_begun_blob(stores, (await a_tenant(stores)).id)
        other = replace(blob, id=BlobId(new_id(later(stores))))
        async with refused(stores, UploadExpired) as work:
            await work.blobs.add(other, UNLIMITED)

    async def test_a_blob_is_kept_once(self, stores: Stores) -> None:
        blob = await a_kept_blob(stores, (await a_tenant(stores)).id)
        async with refused(stores, UploadExpired) as work:
            await work.blobs.add(blob, UNLIMITED)

    async def test_blobs_of_a_workspace_fill_its_quota_and_no_byte_more(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        for owner in (tenant, other):
            await keep(stores, await a_begun_blob(stores, owner.id, 60), Quota(100))
        too_large, fitting = [await a_begun_blob(stores, tenant.id, size) for size in (41, 40)]
        async with refused(stores, QuotaExceeded) as work:
            await work.blobs.add(too_large, Quota(100))
        await keep(stores, fitting, Quota(100))
        assert await stores.blobs.used(tenant.id) == 100
        assert await stores.blobs.used(other.id) == 60

    async def test_a_quota_can_be_filled_anew_after_a_removal(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        blob = await keep(stores, await a_begun_blob(stores, tenant.id, 100), Quota(100))
        await remove(stores, blob)
        assert await stores.blobs.used(tenant.id) == 0
        await keep(stores, await a_begun_blob(stores, tenant.id, 100), Quota(100))

    async def test_of_many_who_add_at_once_no_more_get_in_than_fit(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        blobs = [await a_begun_blob(stores, tenant.id, 30) for _ in range(8)]
        added = await asyncio.gather(*(keep(stores, blob, Quota(100)) for blob in blobs), return_exceptions=True)
        refusals = [each for each in added if isinstance(each, BaseException)]
        assert [type(refusal) for refusal in refusals] == [QuotaExceeded] * 5
        assert await stores.blobs.used(tenant.id) == 90

    async def test_a_unit_counts_what_it_has_added_itself(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        first, second = [await a_begun_blob(stores, tenant.id, 60) for _ in range(2)]
        async with refused(stores, QuotaExceeded) as work:
            await work.blobs.add(first, Quota(100))
            await work.blobs.add(second, Quota(100))

    async def test_a_removed_blob_is_gone_and_due(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        blob, left = [await a_kept_blob(stores, tenant.id) for _ in range(2)]
        async with stores.begin() as work:
            await work.blobs.remove(blob.id)
            with pytest.raises(NotFound):
                await work.blobs.get(blob.id)
            assert await due(stores, blob, left) == [False, False]
            await work.commit(None)
        await remove(stores, blob)
        assert await stores.blobs.blob(blob.id) is None
        assert await due(stores, blob, left) == [True, False]

    async def test_a_removal_that_is_undone_leaves_the_blob(self, stores: Stores) -> None:
        blob = await a_kept_blob(stores, (await a_tenant(stores)).id)
        async with stores.begin() as work:
            await work.blobs.remove(blob.id)
        assert await stores.blobs.blob(blob.id) == blob

    async def test_all_blobs_of_a_workspace_can_be_removed(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        gone = [await a_kept_blob(stores, tenant.id) for _ in range(2)]
        left = await a_kept_blob(stores, other.id)
        async with stores.begin() as work:
            await work.blobs.remove_all(tenant.id)
            await work.commit(None)
        assert await due(stores, *gone, left) == [True, True, False]


class BlobLogContract:
    """Every `BlobLog`."""

    async def test_an_id_is_begun_once(self, stores: Stores) -> None:
        blob = await a_begun_blob(stores, (await a_tenant(stores)).id)
        with pytest.raises(Conflict):
            await stores.blob_log.begin(blob.id, blob.workspace_id, blob.created_at)

    async def test_what_is_abandoned_is_due_and_can_not_be_kept_any_more(self, stores: Stores) -> None:
        blob = await a_begun_blob(stores, (await a_tenant(stores)).id)
        assert await due(stores, blob) == [False]
        await stores.blob_log.abandon(blob.id)
        assert await due(stores, blob) == [True]
        async with refused(stores, UploadExpired) as work:
            await work.blobs.add(blob, UNLIMITED)

    async def test_what_is_kept_or_unknown_cannot_be_abandoned(self, stores: Stores) -> None:
        blob = await a_kept_blob(stores, (await a_tenant(stores)).id)
        await stores.blob_log.abandon(blob.id)
        await stores.blob_log.abandon(BlobId(new_id(later(stores))))
        assert await stores.blobs.blob(blob.id) == blob

    async def test_what_was_begun_too_long_ago_expires_unless_it_is_kept(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        old, young = await a_begun_blob(stores, tenant.id, at=at - DAY), await a_begun_blob(stores, tenant.id, at=at)
        kept = await keep(stores, await a_begun_blob(stores, tenant.id, at=at - DAY))
        assert await stores.blob_log.expire(at) >= 1
        assert await due(stores, old, young, kept) == [True, False, False]
        async with refused(stores, UploadExpired) as work:
            await work.blobs.add(old, UNLIMITED)
        await keep(stores, young)

    async def test_blobs_of_a_workspace_that_is_not_there_expire(self, stores: Stores) -> None:
        blob = await a_kept_blob(stores, WorkspaceId(new_id(later(stores))))
        assert await stores.blob_log.expire(blob.created_at) >= 1
        assert await due(stores, blob) == [True]

    async def test_no_more_are_due_than_were_asked_for(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        for _ in range(3):
            await remove(stores, await a_kept_blob(stores, tenant.id))
        assert len(await stores.blob_log.due(2)) == 2

    async def test_what_is_forgotten_is_not_due_any_more(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        gone, kept = [await a_kept_blob(stores, tenant.id) for _ in range(2)]
        begun = await a_begun_blob(stores, tenant.id)
        await remove(stores, gone)
        for blob in (gone, gone, kept, begun):
            await stores.blob_log.forget(blob.id)
        assert await due(stores, gone, kept, begun) == [False, False, False]
        assert await stores.blobs.blob(kept.id) == kept
        await keep(stores, begun)

    async def test_of_an_expiry_and_a_keeping_at_once_one_wins(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        blob = await a_begun_blob(stores, tenant.id)
        async with stores.begin() as work:
            await work.blobs.add(blob, UNLIMITED)
            expiry = asyncio.create_task(stores.blob_log.expire(later(stores)))
            await asyncio.sleep(0)
            await work.commit(None)
        await expiry
        assert await stores.blobs.blob(blob.id) == blob
        assert await due(stores, blob) == [False]


class BlobViewsContract:
    """Every `BlobViews`."""

    async def test_what_was_never_begun_is_none(self, stores: Stores) -> None:
        assert await stores.blobs.blob(BlobId(new_id(later(stores)))) is None

    async def test_a_workspace_without_blobs_uses_nothing(self, stores: Stores) -> None:
        assert await stores.blobs.used((await a_tenant(stores)).id) == 0
