"""What all images promise. A test class per adapter inherits the contract and overrides its fixture."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from application.ports.images import Images
from domain.errors import Invalid
from domain.images import MOST_BYTES


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def png_of_size(width: int, height: int) -> bytes:
    """A small file that says it is so large: a decompression bomb."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row_data = zlib.compress(b"\0" * 10_000)
    chunks = ((b"IHDR", head), (b"IDAT", row_data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


PICTURE = Image.new("RGB", (60, 40), (200, 30, 60))
BROKEN = {
    "empty": b"",
    "text": b"no image",
    "gif": encoded(PICTURE, "GIF"),
    "tiff": encoded(PICTURE, "TIFF"),
    "bmp": encoded(PICTURE, "BMP"),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "half a png": half(encoded(PICTURE)),
    "half a jpeg": half(encoded(PICTURE, "JPEG")),
    "half a webp": half(encoded(PICTURE, "WEBP")),
    "only a beginning": b"\x89PNG\r\n\x1a\n",
    "zero pixels": png_of_size(0, 0),
    "a bomb": png_of_size(50_000, 50_000),
    "a long line": png_of_size(20_000, 1),
    "one pixel too many": png_of_size(10_000, 5_001),
    "too many bytes": encoded(PICTURE) + b"\0" * MOST_BYTES,
}


class ImagesContract:
    @pytest.fixture
    def images(self) -> Images:
        raise NotImplementedError

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    @pytest.mark.parametrize("size", [(1, 1), (512, 512), (300, 900), (1200, 700)])
    async def test_an_image_becomes_a_square_webp(self, images: Images, kind: str, size: tuple[int, int]) -> None:
        made = decoded(await images.square(encoded(Image.new("RGB", size, (200, 30, 60)), kind)))
        assert (made.format, made.size) == ("WEBP", (512, 512))

    @pytest.mark.parametrize("side", [1, 96])
    async def test_the_side_can_be_another(self, images: Images, side: int) -> None:
        assert decoded(await images.square(encoded(PICTURE), side)).size == (side, side)

    @pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
    async def test_what_is_no_image_or_too_large_is_refused(self, images: Images, data: bytes) -> None:
        with pytest.raises(Invalid) as refusal:
            await images.square(data)
        assert [fault.code for fault in refusal.value.faults] == ["bad_image"]

    async def test_the_same_image_gives_the_same_and_another_gives_another(self, images: Images) -> None:
        other = Image.new("RGB", (60, 40), (10, 200, 90))
        made = [await images.square(encoded(image)) for image in (PICTURE, PICTURE, other)]
        assert made[0] == made[1] != made[2]

    async def test_nothing_of_the_metadata_is_left(self, images: Images) -> None:
        exif = Image.Exif()
        exif[0x010E], exif[0x8825] = "a secret place", {1: "N", 2: (48.0, 8.0, 0.0)}
        sent = encoded(PICTURE, "JPEG", exif=exif, comment=b"a secret comment", xmp=b"<x>a secret author</x>")
        assert sent.count(b"secret") == 3
        made = await images.square(sent)
        assert b"secret" not in made
        assert not decoded(made).getexif()
        assert {b"EXIF", b"XMP ", b"ICCP"}.isdisjoint({made[at : at + 4] for at in range(len(made) - 3)})
