from collections.abc import Callable
from io import BytesIO
from typing import Any, cast
from zipfile import BadZipFile, ZipFile

import mammoth  # type: ignore[import-untyped]
from bs4 import BeautifulSoup

from adapters.documents.html import markdown_of
from application.ports.text_extractor import Extracted, Unreadable

_MOST_FILES = 10_000
_MOST_BYTES = 200 * 1024 * 1024
"""How large the parts of a file may be together once they are unpacked."""
_PARTS = ("word/", "_rels/", "docProps/", "[Content_Types].xml")
_BROKEN = "The DOCX file is damaged."

_convert = cast("Callable[..., Any]", mammoth.convert_to_html)  # pyright: ignore[reportUnknownMemberType]


def read_docx(data: bytes) -> Extracted:
    """A document of a word processor, as Markdown with its headings, lists and tables.

    Raises:
        Unreadable: it is none, or would be too large unpacked.
    """
    _check(data)
    made = _convert(BytesIO(data), convert_image=_nothing, ignore_empty_paragraphs=True)
    return Extracted(text=markdown_of(BeautifulSoup(made.value, "html.parser")), title=_title_of(data))


def _nothing(_image: object) -> list[object]:
    return []


def _check(data: bytes) -> None:
    """Nothing, when the archive says that it is small; no more than it says is ever read of a part."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except BadZipFile as error:
        raise Unreadable(_BROKEN) from error
    if len(parts) > _MOST_FILES or sum(part.file_size for part in parts) > _MOST_BYTES:
        raise Unreadable("The DOCX file is too large when it is unpacked.")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("The DOCX file is protected by a password.")
    if not any(part.filename == "word/document.xml" for part in parts):
        raise Unreadable("The file is called a DOCX file, and is none.")


def _title_of(data: bytes) -> str | None:
    with ZipFile(BytesIO(data)) as archive:
        if "docProps/core.xml" not in archive.namelist():
            return None
        core = BeautifulSoup(archive.read("docProps/core.xml"), "html.parser")
    found = core.find("dc:title")
    return found.get_text(strip=True) or None if found else None
