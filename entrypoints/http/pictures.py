"""Pictures: sent as they are, kept as squares of ours, shown to everybody who knows their address."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, delete, get, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath
from litestar.response import Stream

from application.blobs.read_picture import ReadPicture
from application.identity.avatar import PutAvatar, RemoveAvatar
from application.ports.identity_views import UserView
from application.ports.images import IMAGE_TYPE
from application.ports.workspaces import WorkspaceView
from application.workspaces.image import PutImage, RemoveImage
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import WorkspaceId
from domain.images import MOST_BYTES
from entrypoints.http.edge.opts import ANONYMOUS
from entrypoints.http.edge.problems import Refused

TYPES = ("image/png", "image/jpeg", "image/webp")
_FILE = re.compile(r"(?P<digest>[0-9a-f]{64})\.webp", re.ASCII)
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_BYTES = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))


@dataclass
class PictureOperation(Operation):
    """Describes a body that is the image itself."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(content=dict.fromkeys(TYPES, _BYTES), required=True)


async def _image(request: Request[Any, Any, Any]) -> bytes:
    """The body.

    Raises:
        Refused: it is not called an image that we take.
    """
    if request.content_type[0] not in TYPES:
        raise Refused(415)
    return await request.body()


@put(
    "/users/me/avatar",
    request_max_body_size=MOST_BYTES,
    operation_class=PictureOperation,
    opt={"permission": Permission.ACCOUNT_WRITE},
)
async def put_user_avatar(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    expected_version: NamedDependency[int | None],
    put_avatar: NamedDependency[PutAvatar],
) -> UserView:
    """Your picture, as PNG, JPEG or WebP of up to 5 MB: its middle is kept, 512 pixels wide and high."""
    return UserView.of(await put_avatar(caller, await _image(request), expected_version))


@delete("/users/me/avatar", opt={"permission": Permission.ACCOUNT_WRITE})
async def delete_user_avatar(
    caller: NamedDependency[Caller],
    expected_version: NamedDependency[int | None],
    remove_avatar: NamedDependency[RemoveAvatar],
) -> None:
    """Have no picture."""
    await remove_avatar(caller, expected_version)


@put(
    "/workspaces/{workspace_id:uuid}/image",
    request_max_body_size=MOST_BYTES,
    operation_class=PictureOperation,
    opt={"permission": Permission.WORKSPACE_WRITE},
)
async def put_workspace_image(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    put_image: NamedDependency[PutImage],
) -> WorkspaceView:
    """The workspace's picture, as PNG, JPEG or WebP of up to 5 MB: its middle is kept, 512 pixels wide and high."""
    return await put_image(caller, WorkspaceId(workspace_id), await _image(request), expected_version)


@delete("/workspaces/{workspace_id:uuid}/image", opt={"permission": Permission.WORKSPACE_WRITE})
async def delete_workspace_image(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    remove_image: NamedDependency[RemoveImage],
) -> None:
    """Show no picture of the workspace."""
    await remove_image(caller, WorkspaceId(workspace_id), expected_version)


@get(
    "/pictures/{picture:str}",
    media_type=IMAGE_TYPE,
    responses={200: ResponseSpec(bytes, media_type=IMAGE_TYPE, generate_examples=False, description="The picture.")},
    opt={"permission": "anyone", ANONYMOUS: True},
)
async def get_picture(picture: FromPath[str], read_picture: NamedDependency[ReadPicture]) -> Stream:
    """A picture, at the address that its user or workspace is shown with: another picture has another address."""
    found = _FILE.fullmatch(picture)
    if found is None:
        raise NotFound
    chunks = await read_picture(bytes.fromhex(found["digest"]))
    return Stream(chunks, media_type=IMAGE_TYPE, headers=_FOR_EVER)


ROUTES = (put_user_avatar, delete_user_avatar, put_workspace_image, delete_workspace_image, get_picture)
