from collections.abc import AsyncGenerator
from dataclasses import dataclass

from application.blobs.read_blob import ReadBlob
from application.ports.pictures import PictureViews
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """Shows everybody a picture that a user or a workspace shows."""

    views: PictureViews
    read_blob: ReadBlob

    async def __call__(self, digest: bytes) -> AsyncGenerator[bytes, None]:
        """Its bytes, in chunks.

        Raises:
            NotFound: there is none. BlobLost, Unavailable: as of `ReadBlob`.
        """
        blob = await self.views.picture(digest)
        if blob is None:
            raise NotFound
        return await self.read_blob(blob)
