from typing import Protocol

IMAGE_TYPE = "image/webp"
"""The media type of what `Images` makes."""


class Images(Protocol):
    """Turns what people send as their picture into one that can be shown."""

    async def square(self, data: bytes, side: int = 512) -> bytes:
        """The middle of a PNG, JPEG or WebP, `side` pixels wide and high, as an `IMAGE_TYPE`.

        It stands upright as its EXIF orientation says, is the first frame of an animation, and holds nothing of the
        metadata: no place, camera, author or comment. What `domain.images` refuses is not decoded.

        Raises:
            Invalid: with the code `bad_image`: it is none of the three, broken, or too large.
        """
        ...
