import codecs
import re
from email.message import Message

from charset_normalizer import from_bytes

from application.ports.text_extractor import Extracted, Unreadable

_SAMPLE = 256 * 1024
"""As many bytes are looked at to guess an encoding."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = "The file is no text: it holds bytes that no text has."


def read_text(data: bytes, media_type: str) -> Extracted:
    """Plain text or Markdown, as it is.

    Raises:
        Unreadable: it is no text.
    """
    return Extracted(text=decoded(data, charset_of(media_type)))


def decoded(data: bytes, charset: str | None) -> str:
    """The text that the bytes are: by their mark, as UTF-8, as they are said to be, or as they most likely are.

    Raises:
        Unreadable: they are no text.
    """
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for encoding in (marked, "utf-8", charset):
        if encoding is None:
            continue
        try:
            found = data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        return _checked(found)
    guess = from_bytes(data[:_SAMPLE]).best() if b"\0" not in data else None
    if guess is None:
        raise Unreadable(_NO_TEXT)
    return _checked(data.decode(guess.encoding, "replace"))


def charset_of(media_type: str) -> str | None:
    """The charset that a media type names."""
    message = Message()
    message["Content-Type"] = re.sub(r"[\r\n]", "", media_type)
    return message.get_content_charset()


def _checked(found: str) -> str:
    if "\0" in found:
        raise Unreadable(_NO_TEXT)
    return found
