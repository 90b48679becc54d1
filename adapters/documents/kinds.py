from enum import StrEnum
from pathlib import PurePosixPath

from application.ports.text_extractor import Unreadable


class Kind(StrEnum):
    """The kinds of files that can be read."""

    PDF = "PDF"
    DOCX = "DOCX"
    HTML = "HTML"
    TEXT = "text"


_BY_TYPE = {
    "application/pdf": Kind.PDF,
    "application/x-pdf": Kind.PDF,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Kind.DOCX,
    "text/html": Kind.HTML,
    "application/xhtml+xml": Kind.HTML,
}
_BY_ENDING = {
    ".pdf": Kind.PDF,
    ".docx": Kind.DOCX,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xhtml": Kind.HTML,
    ".md": Kind.TEXT,
    ".markdown": Kind.TEXT,
    ".txt": Kind.TEXT,
    ".text": Kind.TEXT,
    ".rst": Kind.TEXT,
    ".csv": Kind.TEXT,
    ".tsv": Kind.TEXT,
    ".json": Kind.TEXT,
    ".srt": Kind.TEXT,
    ".vtt": Kind.TEXT,
}
_VAGUE = {"", "application/octet-stream", "binary/octet-stream", "application/zip", "application/download"}
_TEXTUAL = {"application/json", "application/yaml", "application/xml"}
_PDF_WITHIN = 1_024


def kind_of(data: bytes, media_type: str, name: str) -> Kind:
    """What kind of file it is: by its media type, else by the ending of its name, and by itself where it says so.

    Raises:
        Unreadable: it is of another kind.
    """
    bare = media_type.partition(";")[0].strip().lower()
    named = _BY_ENDING.get(PurePosixPath(name.lower().partition("?")[0]).suffix)
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return Kind.PDF
    if found := _BY_TYPE.get(bare):
        return found
    if bare.startswith("text/") or bare in _TEXTUAL:
        return named if named is Kind.HTML else Kind.TEXT
    if bare in _VAGUE and named is not None:
        return named
    shown = bare if bare and bare not in _VAGUE else "of an unknown kind"
    raise Unreadable(f"The file is {shown}. What can be read is PDF, DOCX, HTML, Markdown and plain text.")
