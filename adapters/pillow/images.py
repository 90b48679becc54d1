import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from PIL import Image, ImageOps
from typing_extensions import override

from application.ports.images import Images
from domain.errors import Invalid
from domain.images import bad_image, check_image_bytes, check_image_pixels

_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 85
_SIXTEEN_BITS = 65_535

# Pillow's own limit is above ours, and only warns.
Image.MAX_IMAGE_PIXELS = None


class PillowImages(Images):
    """Images by Pillow, in a thread of its own: one at a time, so that no crowd of large ones is decoded at once."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="images")

    @override
    async def square(self, data: bytes, side: int = 512) -> bytes:
        check_image_bytes(data)
        return await asyncio.get_running_loop().run_in_executor(self._thread, _square, data, side)


def _square(data: bytes, side: int) -> bytes:
    try:
        return _encoded(_fitted(data, side))
    except Invalid:
        raise
    except Exception as error:  # what a broken file makes a decoder raise is listed nowhere
        raise bad_image() from error


def _fitted(data: bytes, side: int) -> Image.Image:
    with Image.open(BytesIO(data), formats=_FORMATS) as image:
        check_image_pixels(*image.size)
        image.draft(
            "RGB", (side * 2, side * 2)
        )  # a JPEG is decoded at a fraction of its size, still twice the result's
        image.load()
        upright = ImageOps.exif_transpose(image)
        return ImageOps.fit(_eight_bits(upright), (side, side), Image.Resampling.LANCZOS)


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # grey in 16 bits, which a plain conversion would cut off at 255
        scaled = image.point(lambda value: value * 255 / _SIXTEEN_BITS)  # pyright: ignore[reportUnknownMemberType]
        image = scaled.convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _encoded(image: Image.Image) -> bytes:
    image.info = {}
    written = BytesIO()
    image.save(written, "WEBP", quality=_QUALITY, exif=b"", icc_profile=b"", xmp=b"")
    return written.getvalue()
