from io import BytesIO

from pypdf import PasswordType, PdfReader

from application.ports.text_extractor import Extracted, Unreadable
from domain.knowledge import TEXT_LENGTH

_MOST_PAGES = 5_000


def read_pdf(data: bytes) -> Extracted:
    """The text of a PDF, page by page.

    Raises:
        Unreadable: it is protected, has too many pages, or holds no text.
    """
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise Unreadable("The PDF is protected by a password.")
    if len(reader.pages) > _MOST_PAGES:
        raise Unreadable(f"The PDF has more than {_MOST_PAGES} pages.")
    pages: list[str] = []
    length = 0
    for page in reader.pages:
        pages.append(page.extract_text().strip())
        length += len(pages[-1])
        if length > TEXT_LENGTH:
            break
    text = "\n\n".join(filter(None, pages))
    if not text:
        raise Unreadable("The PDF holds no text. It may be a scan.")
    return Extracted(text=text, title=_title_of(reader))


def _title_of(reader: PdfReader) -> str | None:
    metadata = reader.metadata
    title = metadata.title if metadata else None
    return title.strip() or None if title else None
