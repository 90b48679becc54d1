"""Small files of the kinds that people have, made when a test wants one."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF_TYPE = "application/pdf"
_TYPES = f"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="{DOCX_TYPE}.main+xml"/></Types>"""
_RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="word/document.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>"""
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def a_pdf(*pages: Sequence[str], title: str | None = None, password: str | None = None) -> bytes:
    """A PDF of these lines of ASCII on each page; with a password it opens only with that."""
    writer = PdfWriter()
    font = writer._add_object(  # pyright: ignore[reportPrivateUsage] (there is no other way to make a page with text)
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
    )
    for lines in pages:
        page = writer.add_blank_page(width=595, height=842)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        drawn = StreamObject()
        shown = " ".join(f"({line}) Tj T*" for line in lines)
        drawn.set_data(f"BT /F1 12 Tf 72 760 Td 14 TL {shown} ET".encode())
        page[NameObject("/Contents")] = writer._add_object(drawn)  # pyright: ignore[reportPrivateUsage]
    if title is not None:
        writer.add_metadata({"/Title": title})
    if password is not None:
        writer.encrypt(password, algorithm="AES-256")
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def a_docx(*paragraphs: str, title: str | None = None, parts: Mapping[str, bytes] | None = None) -> bytes:
    """A document of these paragraphs, of which those that begin with `# ` are headings; `parts` come besides."""
    body = "".join(map(_paragraph, paragraphs))
    files = {
        "[Content_Types].xml": _TYPES.encode(),
        "_rels/.rels": _RELATIONS.encode(),
        "word/document.xml": f'<w:document xmlns:w="{_WORDS}"><w:body>{body}</w:body></w:document>'.encode(),
    }
    if title is not None:
        core = (
            '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></cp:coreProperties>'
        )
        files["docProps/core.xml"] = core.encode()
    return zipped({**files, **(parts or {})})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return written.getvalue()


def _paragraph(text: str) -> str:
    style = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>' if text.startswith("# ") else ""
    return f'<w:p>{style}<w:r><w:t xml:space="preserve">{escape(text.removeprefix("# "))}</w:t></w:r></w:p>'
