from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.blobs.read_picture import ReadPicture
from application.blobs.write_picture import WritePicture
from application.identity.avatar import PutAvatar, RemoveAvatar
from application.workspaces.image import PutImage, RemoveImage
from entrypoints.container.blobs import Blobs
from entrypoints.container.given import given
from entrypoints.container.ports import Ports
from entrypoints.container.workspaces import Workspaces


class Pictures(DeclarativeContainer):
    """Pictures of users and workspaces."""

    ports = given(Ports)
    blobs = given(Blobs)
    workspaces = given(Workspaces)

    write_picture = Factory(WritePicture, images=ports.images, write_blob=blobs.write_blob)
    read_picture = Factory(ReadPicture, views=ports.picture_views, read_blob=blobs.read_blob)
    put_avatar = Factory(
        PutAvatar,
        begin=ports.begin,
        open_personal_workspace=workspaces.open_personal_workspace,
        write_picture=write_picture,
        quota=ports.blob_quota,
        clock=ports.clock,
    )
    remove_avatar = Factory(RemoveAvatar, begin=ports.begin, clock=ports.clock)
    put_image = Factory(
        PutImage, begin=ports.begin, write_picture=write_picture, quota=ports.blob_quota, clock=ports.clock
    )
    remove_image = Factory(RemoveImage, begin=ports.begin, clock=ports.clock)
