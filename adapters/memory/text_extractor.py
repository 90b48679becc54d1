from typing_extensions import override

from application.ports.text_extractor import Extracted, TextExtractor, Unreadable
from domain.knowledge import TEXT_LENGTH
from domain.text import readable


class MemoryTextExtractor(TextExtractor):
    """Reads text in UTF-8 and nothing else; of a text that begins with `Title: ` that line is the title."""

    @override
    async def extract(self, data: bytes, media_type: str, name: str) -> Extracted:
        try:
            found = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable("The file is no text.") from error
        if "\0" in found:
            raise Unreadable("The file is no text.")
        text = readable(found).replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if not text.strip() or len(text) > TEXT_LENGTH:
            raise Unreadable("The file holds no text, or too much.")
        first = text.partition("\n")[0]
        return Extracted(text=text, title=first.removeprefix("Title: ") if first.startswith("Title: ") else None)
