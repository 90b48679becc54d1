from typing import Protocol

from domain.blobs import Blob
from domain.pictures import Picture


def picture_url(picture: Picture | None) -> str | None:
    """The path at which everybody can see the picture, as long as it is in use."""
    return None if picture is None else f"/api/v1/pictures/{picture.digest.hex()}.webp"


class PictureViews(Protocol):
    """Pictures, to look at."""

    async def picture(self, digest: bytes) -> Blob | None:
        """The kept blob of a picture with this digest that a user or a workspace shows; None for every other blob."""
        ...
