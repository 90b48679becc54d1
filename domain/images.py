"""Which images are taken, as far as can be said without decoding them."""

from domain.errors import Fault, Invalid

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 50_000_000
"""Decoded, each is up to 4 bytes."""
MOST_SIDE = 16_383
"""Pixels in a row or a column: WebP knows no more."""


def bad_image(detail: str = "Send a PNG, JPEG or WebP image that is whole.") -> Invalid:
    """What is wrong with an image."""
    return Invalid(Fault("", "bad_image", detail))


def check_image_bytes(data: bytes) -> None:
    """Nothing, when an image has at most `MOST_BYTES`.

    Raises:
        Invalid: it has more.
    """
    if len(data) > MOST_BYTES:
        raise bad_image(f"The image may have at most {MOST_BYTES // 1024**2} MB.")


def check_image_pixels(width: int, height: int) -> None:
    """Nothing, when an image has a pixel, at most `MOST_PIXELS` of them, and no longer side than `MOST_SIDE`.

    Raises:
        Invalid: it has other ones.
    """
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE and width * height <= MOST_PIXELS):
        raise bad_image(f"The image may have at most {MOST_PIXELS // 1_000_000} million pixels.")
