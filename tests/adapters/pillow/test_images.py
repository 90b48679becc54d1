import asyncio

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from typing_extensions import override

from adapters.pillow.images import PillowImages
from application.ports.images import Images
from domain.errors import Invalid
from tests.contracts.images import PICTURE, ImagesContract, decoded, encoded

RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 255, 0)
UPRIGHT = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
"""How a picture lies in a file that says so of its orientation."""


class TestPillowImages(ImagesContract):
    @pytest.fixture
    @override
    def images(self) -> Images:
        return PillowImages()


def halves(left: tuple[int, int, int], right: tuple[int, int, int], size: tuple[int, int] = (400, 400)) -> Image.Image:
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def near(found: float | tuple[int, ...] | None, colour: tuple[int, ...], most: int = 12) -> bool:
    assert isinstance(found, tuple)
    return len(found) == len(colour) and all(abs(a - b) <= most for a, b in zip(found, colour, strict=True))


async def test_it_is_cut_from_the_middle() -> None:
    image = Image.new("RGB", (1500, 500), GREEN)
    image.paste(RED, (0, 0, 490, 500))
    image.paste(BLUE, (1010, 0, 1500, 500))
    made = decoded(await PillowImages().square(encoded(image)))
    assert all(near(made.getpixel((x, 256)), GREEN) for x in (4, 256, 507))


@pytest.mark.parametrize("orientation", UPRIGHT)
async def test_it_stands_upright_as_its_exif_says(orientation: int) -> None:
    turned = UPRIGHT[orientation]
    picture = halves(RED, BLUE)
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying = picture if turned is None else picture.transpose(turned)
    made = decoded(await PillowImages().square(encoded(lying, "JPEG", exif=exif, quality=95)))
    assert near(made.getpixel((30, 256)), RED)
    assert near(made.getpixel((480, 256)), BLUE)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
async def test_an_animation_becomes_its_first_frame(kind: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, BLUE)]
    made = decoded(await PillowImages().square(encoded(frames[0], kind, save_all=True, append_images=frames[1:])))
    assert getattr(made, "n_frames", 1) == 1
    assert near(made.getpixel((256, 256)), RED)


@pytest.mark.parametrize(
    ("mode", "colour", "shown"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 128, (128, 128, 128)),
        ("I;16", 32_768, (128, 128, 128)),
        ("LA", (100, 255), (100, 100, 100)),
        ("P", 0, (0, 0, 0)),
        ("RGBA", (200, 30, 60, 255), (200, 30, 60, 255)),
    ],
)
async def test_colours_of_every_kind_are_kept(mode: str, colour: int | tuple[int, ...], shown: tuple[int, ...]) -> None:
    made = decoded(await PillowImages().square(encoded(Image.new(mode, (40, 40), colour))))
    assert near(made.convert("RGBA" if len(shown) > 3 else "RGB").getpixel((256, 256)), shown)


async def test_what_is_transparent_stays_so() -> None:
    made = decoded(await PillowImages().square(encoded(Image.new("RGBA", (40, 40), (200, 30, 60, 0)))))
    assert made.getchannel("A").getextrema() == (0, 0)


async def test_a_jpeg_for_print_is_taken() -> None:
    made = decoded(await PillowImages().square(encoded(Image.new("CMYK", (40, 40), (0, 0, 0, 0)), "JPEG")))
    assert near(made.getpixel((256, 256)), (255, 255, 255))


async def test_a_large_photo_is_decoded_at_a_fraction_of_its_size() -> None:
    made = decoded(await PillowImages().square(encoded(halves(RED, BLUE, (7000, 7000)), "JPEG")))
    assert made.size == (512, 512)
    assert near(made.getpixel((30, 256)), RED)


async def test_the_loop_runs_on_while_an_image_is_made() -> None:
    making, steps = asyncio.ensure_future(PillowImages().square(encoded(PICTURE))), 0
    while not making.done():
        steps += 1
        await asyncio.sleep(0)
    assert steps > 1


def test_files_that_are_broken_anywhere_are_refused_or_shown_and_never_an_error() -> None:
    images, whole = PillowImages(), {kind: encoded(PICTURE, kind) for kind in ("PNG", "JPEG", "WEBP")}

    @given(
        kind=st.sampled_from(sorted(whole)), at=st.integers(0, 2_000), put=st.binary(max_size=8), cut=st.integers(0, 9)
    )
    @example(kind="PNG", at=30, put=b"\xff" * 8, cut=0)
    def survives(kind: str, at: int, put: bytes, cut: int) -> None:
        data = whole[kind]
        at %= len(data)
        try:
            made = asyncio.run(images.square(data[:at] + put + data[at + cut :]))
        except Invalid:
            return
        assert decoded(made).size == (512, 512)

    survives()
