from adapters.documents.kinds import Kind
from application.ports.text_extractor import Extracted, Unreadable
from domain.knowledge import TEXT_LENGTH
from domain.text import readable

_LONGEST_TITLE = 1_000


def read(data: bytes, kind: Kind, media_type: str) -> Extracted:
    """What a file of this kind says, as `TextExtractor.extract` promises it, at whatever cost.

    Raises:
        Unreadable: as there.
    """
    try:
        found = _read(data, kind, media_type)
    except (Unreadable, MemoryError):
        raise
    except RecursionError as error:
        raise Unreadable(f"The {kind} file is nested too deeply.") from error
    except Exception as error:  # what a broken file makes a library raise is listed nowhere
        raise Unreadable(f"The {kind} file is damaged.") from error
    return cleaned(found)


def cleaned(found: Extracted) -> Extracted:
    """With nothing in it that no text has.

    Raises:
        Unreadable: nothing is left, or too much.
    """
    lines = readable(found.text).replace("\r\n", "\n").replace("\r", "\n")
    text = lines.strip("\n")
    if not text.strip():
        raise Unreadable("The file holds no text.")
    if len(text) > TEXT_LENGTH:
        raise Unreadable(f"The file holds more than {TEXT_LENGTH:,} characters of text.")
    title = readable(found.title or "").strip()[:_LONGEST_TITLE]
    return Extracted(text=text, title=title or None)


def _read(data: bytes, kind: Kind, media_type: str) -> Extracted:
    # Each library is imported by the process that needs it, and by no other.
    match kind:
        case Kind.PDF:
            from adapters.documents.pdf import read_pdf  # noqa: PLC0415

            return read_pdf(data)
        case Kind.DOCX:
            from adapters.documents.docx import read_docx  # noqa: PLC0415

            return read_docx(data)
        case Kind.HTML:
            from adapters.documents.html import read_html  # noqa: PLC0415

            return read_html(data, media_type)
        case Kind.TEXT:
            from adapters.documents.plain import read_text  # noqa: PLC0415

            return read_text(data, media_type)
