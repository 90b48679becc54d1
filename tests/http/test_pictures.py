"""Pictures of users and workspaces."""

import io
import secrets

import httpx
import pytest
from PIL import Image

from domain.access import Role
from tests.http.system import Member, System, pointers, problem
from tests.png import PNG

AVATAR = "/api/v1/users/me/avatar"
ME = "/api/v1/users/me"
KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def an_image(media_type: str = "image/png", size: tuple[int, int] = (900, 600)) -> bytes:
    """A picture that nobody else has: a chequer of random colours."""
    written = io.BytesIO()
    chequer = Image.frombytes("RGB", (4, 4), secrets.token_bytes(48))
    chequer.resize(size, Image.Resampling.NEAREST).save(  # pyright: ignore[reportUnknownMemberType]
        written, KINDS[media_type]
    )
    return written.getvalue()


async def put(member: Member, path: str, data: bytes, media_type: str = "image/png", **headers: str) -> httpx.Response:
    return await member.api.put(path, content=data, headers={"Content-Type": media_type, **headers})


@pytest.mark.parametrize("media_type", KINDS)
async def test_an_avatar_is_kept_as_a_square_and_shown_to_everybody_for_ever(
    system: System, member: Member, media_type: str
) -> None:
    answer = await put(member, AVATAR, an_image(media_type), media_type)
    assert answer.status_code == 200, answer.text
    url = answer.json()["avatar_url"]
    assert (await member.api.get(ME)).json()["avatar_url"] == url
    shown = await system.client.get(url)
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/webp"
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    with Image.open(io.BytesIO(shown.content)) as image:
        assert (image.format, image.size) == ("WEBP", (512, 512))


async def test_another_picture_has_another_address_and_the_one_before_is_gone(system: System, member: Member) -> None:
    first = (await put(member, AVATAR, an_image())).json()["avatar_url"]
    second = (await put(member, AVATAR, an_image("image/jpeg"), "image/jpeg")).json()["avatar_url"]
    assert first != second
    problem(await system.client.get(first), 404, "not_found")
    assert (await system.client.get(second)).status_code == 200
    kept = await system.sql(
        "select count(*) from blobs where workspace_id = %s and status = 'kept'", member.workspace_id
    )
    assert kept == [(1,)]


async def test_an_avatar_can_be_taken_away(system: System, member: Member) -> None:
    url = (await put(member, AVATAR, an_image())).json()["avatar_url"]
    for _ in range(2):
        assert (await member.api.delete(AVATAR)).status_code == 204
    assert (await member.api.get(ME)).json()["avatar_url"] is None
    problem(await system.client.get(url), 404, "not_found")


async def test_a_workspace_shows_its_picture_to_members_and_visitors(system: System, member: Member) -> None:
    url = (await put(member, f"{member.path}/image", an_image())).json()["image_url"]
    public = await system.client.get(f"/api/v1/public/workspaces/{member.handle}")
    assert public.json()["image_url"] == (await member.api.get(member.path)).json()["image_url"] == url
    assert (await system.client.get(url)).status_code == 200
    viewer = await system.joined(member.workspace_id, Role.VIEWER)
    problem(await viewer.api.delete(f"{member.path}/image"), 403, "forbidden")
    assert (await member.api.delete(f"{member.path}/image")).status_code == 204
    assert (await member.api.get(member.path)).json()["image_url"] is None


async def test_only_the_version_that_was_read_gets_a_picture(system: System, member: Member) -> None:
    etag = (await member.api.get(ME)).headers["etag"]
    assert (await put(member, AVATAR, PNG, **{"If-Match": etag})).status_code == 200
    problem(await put(member, AVATAR, an_image(), **{"If-Match": etag}), 412, "stale")
    problem(await member.api.delete(AVATAR, headers={"If-Match": etag}), 412, "stale")
    kept = await system.sql(
        "select count(*) from blobs where workspace_id = %s and status = 'kept'", member.workspace_id
    )
    assert kept == [(1,)]


async def test_what_is_no_image_is_refused(member: Member) -> None:
    for data in (b"", b"no image", b"<svg xmlns='http://www.w3.org/2000/svg'/>", an_image()[:100]):
        assert pointers(await put(member, AVATAR, data)) == [""]
    problem(await put(member, AVATAR, PNG, "image/gif"), 415, "unsupported_media_type")
    problem(await member.api.put(AVATAR, json={"image": "data:"}), 415, "unsupported_media_type")
    problem(await put(member, AVATAR, bytes(5 * 1024 * 1024 + 1)), 413, "too_large")
    assert (await member.api.get(ME)).json()["version"] == 1


async def test_nothing_else_is_reached_by_the_address_of_a_picture(system: System, member: Member) -> None:
    await put(member, AVATAR, an_image())
    ((blob_id, digest),) = await system.sql("select id, digest from blobs where workspace_id = %s", member.workspace_id)
    found = digest.hex()
    assert (await system.client.get(f"/api/v1/pictures/{found}.webp")).status_code == 200
    for name in (
        found,
        f"{found}.png",
        f"{found.upper()}.webp",
        f"{blob_id}.webp",
        f"{blob_id.hex}.webp",
        f"{'0' * 64}.webp",
    ):
        problem(await system.client.get(f"/api/v1/pictures/{name}"), 404, "not_found")
    # A kept file that nobody shows as a picture, even if it were one.
    other = bytes(range(32))
    await system.sql(
        "insert into blobs (id, workspace_id, status, digest, size, media_type, created_at) values"
        " (gen_random_uuid(), %s, 'kept', %s, 1, 'image/webp', now())",
        member.workspace_id,
        other,
    )
    problem(await system.client.get(f"/api/v1/pictures/{other.hex()}.webp"), 404, "not_found")
