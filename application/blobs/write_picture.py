from collections.abc import AsyncGenerator
from dataclasses import dataclass

from application.blobs.write_blob import WriteBlob
from application.ports.images import IMAGE_TYPE, Images
from domain.blobs import Blob
from domain.ids import WorkspaceId


@dataclass(frozen=True, slots=True)
class WritePicture:
    """Makes what somebody sent into a picture of ours, written and not kept yet."""

    images: Images
    write_blob: WriteBlob

    async def __call__(self, workspace_id: WorkspaceId, data: bytes) -> Blob:
        """The blob of the picture.

        Raises:
            Invalid: it is no image that we take. QuotaExceeded: the workspace has no room for it.
            Unavailable: the store does not answer.
        """
        return await self.write_blob(workspace_id, IMAGE_TYPE, _once(await self.images.square(data)))


async def _once(data: bytes) -> AsyncGenerator[bytes, None]:
    yield data
