import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import psutil
import pytest
from typing_extensions import override

from adapters.documents.text_extractor import DocumentTextExtractor
from application.ports.text_extractor import Extracted, TextExtractor, Unreadable
from domain.knowledge import FILE_BYTES
from tests.contracts.text_extractor import TextExtractorContract
from tests.files import DOCX_TYPE, PDF_TYPE, a_docx, a_pdf, zipped

PAGE = """<!DOCTYPE html><html><head><title>Prices &amp; hours</title><style>p { color: red }</style></head><body>
<!-- a remark --><nav><a href="/">Home</a></nav><header><h1>Prices</h1></header><p>A portrait is <b>1 200 Kč</b>,
see the <a href="/list">list</a> or <a href="https://studio.example/book">book</a>. Ask for snake_case *now*.</p>
<ul><li>morning<li>evening</ul>
<table><tr><th>What</th><th>Price</th></tr><tr><td>Portrait</td><td>1 200</td></tr></table>
<pre><code>one
  two</code></pre><script>alert("no")</script><img src="data:image/png;base64,AAAA" alt="a picture">
<footer>Imprint</footer>
</body></html>"""
MARKDOWN = """# Prices

A portrait is **1 200 Kč**,
see the list or [book](https://studio.example/book). Ask for snake_case *now*.

- morning
- evening

| What | Price |
| --- | --- |
| Portrait | 1 200 |

```
one
  two
```"""


class TestDocumentTextExtractor(TextExtractorContract):
    @pytest.fixture
    @override
    def extractor(self) -> TextExtractor:
        return DocumentTextExtractor()


async def extract(data: bytes, media_type: str = "application/octet-stream", name: str = "file") -> Extracted:
    return await DocumentTextExtractor().extract(data, media_type, name)


async def unreadable(data: bytes, media_type: str = "application/octet-stream", name: str = "file") -> str:
    with pytest.raises(Unreadable, match=r"^[A-Z].*\.$") as raised:
        await extract(data, media_type, name)
    return str(raised.value)


async def test_of_a_page_its_words_and_its_title_are_left() -> None:
    assert await extract(PAGE.encode(), "text/html") == Extracted(text=MARKDOWN, title="Prices & hours")


async def test_where_a_page_says_what_is_the_main_thing_in_it_that_is_taken() -> None:
    page = b"<body><div>Cookies?</div><main><p>We open at nine.</p></main><aside>News</aside></body>"
    assert (await extract(page, "text/html")).text == "We open at nine."


async def test_a_pdf_is_read_page_by_page() -> None:
    pdf = a_pdf(["We open at nine.", "And close at five."], [], ["On Sundays we rest."], title="Opening hours")
    found = await extract(pdf, PDF_TYPE, "hours.pdf")
    assert found == Extracted(text="We open at nine.\nAnd close at five.\n\nOn Sundays we rest.", title="Opening hours")


async def test_a_docx_is_read_with_its_headings() -> None:
    docx = a_docx("# Ceník", "Portrét stojí 1 200 Kč.", "", "A & B < C", title="Ceník & hodiny")
    found = await extract(docx, DOCX_TYPE, "cenik.docx")
    assert found == Extracted(text="# Ceník\n\nPortrét stojí 1 200 Kč.\n\nA & B < C", title="Ceník & hodiny")


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("application/octet-stream", "a.PDF"),
        ("", "https://studio.example/a.pdf?v=1"),
        ("text/html", "a.html"),
        ("application/pdf", "a"),
    ],
)
async def test_a_pdf_is_known_by_itself(media_type: str, name: str) -> None:
    assert (await extract(a_pdf(["We open at nine."]), media_type, name)).text == "We open at nine."


@pytest.mark.parametrize("name", ["a.html", "a.htm", "https://studio.example/a.HTML"])
async def test_an_ending_tells_a_kind_that_the_media_type_does_not(name: str) -> None:
    for media_type in ("application/octet-stream", "text/plain"):
        assert (await extract(b"<p>We open at nine.</p>", media_type, name)).text == "We open at nine."
    assert (await extract(a_docx("We open."), "application/zip", "a.docx")).text == "We open."


@pytest.mark.parametrize("media_type", ["image/png", "application/zip", "video/mp4", "", "nonsense"])
async def test_other_kinds_are_unreadable(media_type: str) -> None:
    assert "PDF, DOCX, HTML" in await unreadable(b"\x89PNG data", media_type, "a.bin")


@pytest.mark.parametrize(
    ("encoding", "media_type"),
    [
        ("cp1250", "text/plain"),
        ("iso-8859-2", "text/plain; charset=iso-8859-2"),
        ("utf-16", "text/markdown"),
        ("utf-8-sig", "text/plain; charset=nonsense"),
        ("utf-8", "text/plain; charset=iso-8859-1"),
    ],
)
async def test_text_of_other_encodings_is_read(encoding: str, media_type: str) -> None:
    text = "Příliš žluťoučký kůň úpěl ďábelské ódy, a pak odešel přes řeku do tmavého lesa."
    assert (await extract(text.encode(encoding), media_type, "a.txt")).text == text


async def test_a_page_says_its_own_encoding() -> None:
    page = '<meta charset="windows-1250"><p>Příliš žluťoučký kůň.</p>'
    assert (await extract(page.encode("cp1250"), "text/html")).text == "Příliš žluťoučký kůň."
    plain = "<p>Příliš žluťoučký kůň.</p>"
    assert (await extract(plain.encode("iso-8859-2"), "text/html; charset=ISO-8859-2")).text == "Příliš žluťoučký kůň."


async def test_a_pdf_that_anybody_can_open_is_read_although_it_is_encrypted() -> None:
    assert (await extract(a_pdf(["We open at nine."], password=""), PDF_TYPE)).text == "We open at nine."


async def test_a_protected_pdf_is_unreadable() -> None:
    assert "password" in await unreadable(a_pdf(["We open at nine."], password="secret"), PDF_TYPE)


async def test_a_pdf_without_text_is_unreadable() -> None:
    assert "scan" in await unreadable(a_pdf([]), PDF_TYPE)


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnonsense", a_pdf(["We open."])[:300], b"%PDF-" + bytes(10_000)], ids=len)
async def test_a_broken_pdf_is_unreadable(data: bytes) -> None:
    assert "PDF" in await unreadable(data, PDF_TYPE)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 nonsense",
        a_docx("We open.")[:200],
        zipped({"a.txt": b"a"}),
        zipped({"word/document.xml": b"<nonsense"}),
        a_docx("We open.", parts={"word/document.xml": b"\x00" * 100}),
    ],
    ids=["no archive", "half", "another archive", "no parts", "no XML"],
)
async def test_a_broken_docx_is_unreadable(data: bytes) -> None:
    assert "DOCX" in await unreadable(data, DOCX_TYPE)


async def test_a_zip_bomb_is_not_unpacked() -> None:
    written = BytesIO()
    with (
        ZipFile(written, "w", ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(bytes(2**20))
    bomb = written.getvalue()
    assert len(bomb) < 2**20
    assert "too large" in await unreadable(bomb, DOCX_TYPE)


async def test_a_bomb_that_lies_about_its_size_is_unreadable() -> None:
    honest = a_docx("We open.", parts={"word/styles.xml": bytes(10**7)})
    lying = honest.replace((10**7).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != honest
    assert "damaged" in await unreadable(lying, DOCX_TYPE)


async def test_entities_that_grow_are_unreadable() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    document = f'<!DOCTYPE d [<!ENTITY l0 "lol">{laughs}]><w:document xmlns:w="x">&l11;</w:document>'
    assert "DOCX" in await unreadable(a_docx(parts={"word/document.xml": document.encode()}), DOCX_TYPE)


async def test_a_page_that_is_nested_without_end_is_unreadable() -> None:
    assert "HTML" in await unreadable(b"<div>" * 100_000 + b"We open.", "text/html")


async def test_what_takes_too_long_is_given_up_and_its_process_is_gone() -> None:
    impatient = DocumentTextExtractor(seconds=0)
    with pytest.raises(Unreadable, match=r"too long|too much"):
        await impatient.extract(PAGE.encode(), "text/html", "a.html")
    await _until(lambda: not _children())


async def test_what_takes_too_much_memory_is_given_up() -> None:
    poor = DocumentTextExtractor(memory=256 * 2**20)
    large = b"<p>" + b"<b>a</b>" * (FILE_BYTES // 8)
    with pytest.raises(Unreadable, match=r"memory|too much"):
        await poor.extract(large, "text/html", "a.html")


@pytest.mark.parametrize(
    "does",
    ["while True: sys.stdout.buffer.write(bytes(65536))", "sys.stdin.buffer.read(); sys.stdout.write('{')", "pass"],
    ids=["answers without end", "breaks off", "does not listen"],
)
async def test_a_process_that_a_file_has_taken_over_is_not_listened_to(does: str) -> None:
    command = (sys.executable, "-c", f"import sys\n{does}", "adapters.documents.child")
    with pytest.raises(Unreadable, match="too much"):
        await DocumentTextExtractor(command=command).extract(b"<p>" * 10**6, "text/html", "a.html")
    await _until(lambda: not _children())


async def test_a_title_is_no_longer_than_titles_are() -> None:
    page = f"<title>{'a' * 100_000}</title><p>We open at nine.</p>"
    assert len((await extract(page.encode(), "text/html")).title or "") == 1_000


async def test_who_stops_waiting_stops_the_process() -> None:
    slow = asyncio.create_task(extract(b"<p>" + b"<b>a</b>" * 500_000, "text/html"))
    await _until(lambda: bool(_children()))
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    await _until(lambda: not _children())


async def test_only_so_many_files_are_read_at_once() -> None:
    extractor = DocumentTextExtractor(at_once=1)
    pages = (extractor.extract(PAGE.encode(), "text/html", "a.html") for _ in range(3))
    reading = asyncio.gather(*pages)
    most = 0
    while not reading.done():
        most = max(most, len(_children()))
        await asyncio.sleep(0.005)
    assert [found.text for found in await reading] == [MARKDOWN] * 3
    assert most == 1


def _children() -> list[int]:
    """The processes that read files for this one."""
    found: list[int] = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            found += [child.pid] if "adapters.documents.child" in child.cmdline() else []
    return found


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)
