from dataclasses import dataclass
from typing import Protocol


class Unreadable(Exception):
    """No text can be had from the file, now or later; says why in a sentence for the one who added it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What a file says.

    Attributes:
        text: Markdown or plain text with the file's headings and paragraphs, of up to `TEXT_LENGTH` characters, not
            blank, without NULs and half surrogate pairs, its lines ended by newlines alone.
        title: what the file calls itself, if it does.
    """

    text: str
    title: str | None = None


class TextExtractor(Protocol):
    """Reads files that strangers made: whatever they hold, it costs bounded time and memory, and harms nothing."""

    async def extract(self, data: bytes, media_type: str, name: str) -> Extracted:
        """What the file says; the same for the same file.

        Args:
            data: the file.
            media_type: what whoever sent it calls it, parameters such as `charset` included.
            name: its own, or its address; its ending tells its kind where the media type does not.

        Raises:
            Unreadable: it is of no kind that can be read, broken, protected, empty, or takes too much.
        """
        ...
