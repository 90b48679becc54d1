from dataclasses import replace
from hashlib import sha256
from uuid import uuid4

from application.ports.pictures import picture_url
from domain.blobs import Blob, Quota
from domain.identity import UserEdited
from domain.ids import BlobId, WorkspaceId, new_id
from domain.pictures import Picture
from tests.contracts.examples import Tenant, a_tenant, edited, later
from tests.contracts.stores import Stores


async def an_image(stores: Stores, workspace_id: WorkspaceId, *, digest: bytes | None = None) -> Blob:
    """A kept blob."""
    at = later(stores)
    blob = Blob(
        id=BlobId(new_id(at)),
        workspace_id=workspace_id,
        digest=digest or sha256(uuid4().bytes).digest(),
        size=7,
        media_type="image/webp",
        created_at=at,
    )
    await stores.blob_log.begin(blob.id, workspace_id, at)
    async with stores.begin() as work:
        await work.blobs.add(blob, Quota())
        return await work.commit(blob)


async def show_user(stores: Stores, tenant: Tenant, blob: Blob | None) -> None:
    at = later(stores)
    async with stores.begin() as work:
        user = await work.users.get(tenant.user.id)
        because = UserEdited(workspace_id=tenant.id, actor=user.actor, at=at, user_id=user.id, fields=("avatar",))
        await work.users.save(user.showing(Picture.of(blob) if blob else None, at), because=because)
        await work.commit(None)


class PictureViewsContract:
    """Every `PictureViews`."""

    async def test_a_picture_is_found_while_a_user_shows_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores, personal=True)
        blob = await an_image(stores, tenant.id)
        assert await stores.pictures.picture(blob.digest) is None
        await show_user(stores, tenant, blob)
        assert await stores.pictures.picture(blob.digest) == blob
        await show_user(stores, tenant, None)
        assert await stores.pictures.picture(blob.digest) is None

    async def test_a_picture_is_found_while_a_workspace_shows_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        blob = await an_image(stores, tenant.id)
        await edited(stores, tenant, image=Picture.of(blob))
        assert await stores.pictures.picture(blob.digest) == blob
        view = await stores.workspaces.workspace(tenant.id)
        public = await stores.workspaces.public(str(tenant.workspace.handle))
        assert view
        assert public
        assert view.image_url == public.image_url == picture_url(Picture.of(blob))
        await edited(stores, tenant, image=None)
        assert await stores.pictures.picture(blob.digest) is None

    async def test_of_two_who_show_the_same_picture_one_can_take_it_away(self, stores: Stores) -> None:
        first, second = await a_tenant(stores, personal=True), await a_tenant(stores, personal=True)
        digest = sha256(uuid4().bytes).digest()
        blobs = [await an_image(stores, tenant.id, digest=digest) for tenant in (first, second)]
        for tenant, blob in zip((first, second), blobs, strict=True):
            await show_user(stores, tenant, blob)
        async with stores.begin() as work:
            await work.blobs.remove(blobs[0].id)
            await work.commit(None)
        assert await stores.pictures.picture(digest) == blobs[1]

    async def test_no_other_blob_is_found(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        shown, other = await an_image(stores, tenant.id), await an_image(stores, tenant.id)
        await edited(stores, tenant, image=Picture.of(shown))
        assert await stores.pictures.picture(other.digest) is None
        async with stores.begin() as work:
            await work.blobs.remove(shown.id)
            await work.commit(None)
        assert await stores.pictures.picture(shown.digest) is None

    async def test_a_user_is_stored_with_their_picture(self, stores: Stores) -> None:
        tenant = await a_tenant(stores, personal=True)
        blob = await an_image(stores, tenant.id)
        await show_user(stores, tenant, blob)
        async with stores.begin() as work:
            user = await work.users.get(tenant.user.id)
        assert user.avatar == Picture(blob.id, blob.digest)
        assert replace(user, avatar=None, version=1, updated_at=None) == tenant.user
