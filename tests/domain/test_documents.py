from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import SYSTEM, Subject
from domain.addresses import MOST, host_of, is_private
from domain.errors import Invalid
from domain.ids import BlobId, WorkspaceId, new_id
from domain.knowledge import (
    TITLE_LENGTH,
    Document,
    DocumentAdded,
    DocumentFailed,
    DocumentKind,
    DocumentStatus,
    page_address,
)
from domain.text import language_tag

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)
WORKSPACE = WorkspaceId(new_id(AT))
CONTENT, TEXT, OTHER = (BlobId(new_id(AT)) for _ in range(3))


def a_document(source_uri: str = "file:prices.pdf", title: str = "prices.pdf") -> Document:
    return Document.added(WORKSPACE, DocumentKind.FILE, title, source_uri, "application/pdf", AT)


def test_a_document_goes_from_queued_to_ready() -> None:
    given_ = a_document().given(CONTENT, bytes(32), 5, "application/pdf", AT)
    assert (given_.status, given_.size, given_.blob_ids) == (DocumentStatus.QUEUED, 5, frozenset({CONTENT}))
    processing = given_.processing(LATER)
    assert (processing.status, processing.updated_at) == (DocumentStatus.PROCESSING, LATER)
    ready = processing.ready(TEXT, "Prices", LATER)
    assert (ready.status, ready.text_id, ready.title) == (DocumentStatus.READY, TEXT, "prices.pdf")
    assert ready.blob_ids == {CONTENT, TEXT}
    again = ready.given(OTHER, bytes(32), 6, "text/html", LATER)
    assert (again.status, again.blob_ids, again.media_type) == (
        DocumentStatus.QUEUED,
        frozenset({OTHER, TEXT}),
        "text/html",
    )


def test_a_failure_has_a_reason_until_it_is_tried_again() -> None:
    failed = a_document().failed("It is a scan.", LATER)
    assert (failed.status, failed.reason) == (DocumentStatus.FAILED, "It is a scan.")
    for mended in (failed.queued(LATER), failed.processing(LATER), failed.ready(TEXT, None, LATER)):
        assert mended.reason is None


@pytest.mark.parametrize("url", ["https://studio.example/prices", f"https://studio.example/{'a' * 400}"], ids=len)
def test_a_title_that_was_found_takes_the_place_of_an_address_alone(url: str) -> None:
    nameless = a_document(url, url[:TITLE_LENGTH])
    assert nameless.ready(TEXT, "  Our\n prices ", LATER).title == "Our prices"
    assert nameless.ready(TEXT, "x" * 400, LATER).title == "x" * TITLE_LENGTH
    for nothing in (None, "", " \x00 "):
        assert nameless.ready(TEXT, nothing, LATER).title == url[:TITLE_LENGTH]
    assert replace(nameless, title="Mine").ready(TEXT, "Our prices", LATER).title == "Mine"


def test_what_is_given_describes_a_document_and_what_is_not_stays() -> None:
    document = replace(a_document(), language="cs")
    assert document.described(None, None, None) == document
    other = document.described(" Prices ", DocumentKind.ARTICLE, "de")
    assert (other.title, other.kind, other.language) == ("Prices", DocumentKind.ARTICLE, "de")
    for title, language in (("", None), ("x" * (TITLE_LENGTH + 1), None), (None, "no language")):
        with pytest.raises(Invalid):
            document.described(title, None, language)


def test_passages_stand_under_a_title_and_not_under_a_mere_address() -> None:
    url = "https://studio.example/prices"
    assert a_document().heading == "prices.pdf"
    assert a_document(url, "Prices").heading == "Prices"
    assert a_document(url, url).heading == ""


@pytest.mark.parametrize(
    ("source_uri", "title", "name"),
    [
        ("file:prices.pdf", "Prices", "prices.pdf"),
        ("text:Prices", "Prices", "Prices.md"),
        ("https://studio.example/prices", "Prices", "Prices"),
    ],
)
def test_a_document_has_a_name_as_a_file(source_uri: str, title: str, name: str) -> None:
    document = a_document(source_uri, title)
    assert (document.file_name, document.text_name) == (name, "Prices.md")
    assert document.is_page == source_uri.startswith("https:")


def test_the_knowledge_base_has_the_id_of_its_workspace() -> None:
    document = Document.knowledge_base(WORKSPACE, "Žluťoučký", "cs", AT)
    assert document.is_knowledge_base
    assert (document.size, document.status, document.language) == (13, DocumentStatus.READY, "cs")
    assert not a_document().is_knowledge_base


def test_events_tell_which_document_and_nothing_that_it_says() -> None:
    document = a_document().failed("It is a scan.", LATER)
    event = DocumentFailed.of(document, by=SYSTEM, at=LATER)
    assert event.subject == Subject("document", document.id)
    assert event.data == {"document_id": str(document.id), "kind": "file"}
    assert DocumentAdded.of(document, by=SYSTEM, at=AT).type == "document.added"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (" https://studio.example/prices#top ", "https://studio.example/prices"),
        ("HTTP://Studio.Example:8080/A?b=C", "http://studio.example:8080/A?b=C"),
        ("https://cs.wikipedia.org/wiki/Káva", "https://cs.wikipedia.org/wiki/K%C3%A1va"),
        ("https://a.example/K%C3%A1va", "https://a.example/K%C3%A1va"),
        ("https://žluť.example?q=ž x", "https://xn--lu-yta1h.example?q=%C5%BE%20x"),
        ("https://93.184.216.34/", "https://93.184.216.34/"),
    ],
)
def test_the_address_of_a_page_is_told_in_ascii(url: str, address: str) -> None:
    assert page_address(url, private=False) == address
    assert page_address(address, private=False) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "studio.example",
        "ftp://studio.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://ada:secret@studio.example/",
        "https://studio.example:99999/",
        "https://[::1",
        "https://a..b/ž",
        "https://studio.example/\x00",
        f"https://studio.example/{'a' * MOST}",
        f"https://studio.example/{'ž' * 400}",
        "http://127.1/",
        "http://0x7f000001/",
    ],
)
def test_what_is_no_address_of_a_page_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as raised:
        page_address(url, private=True)
    assert [(fault.pointer, fault.code) for fault in raised.value.faults] == [("/url", "bad_url")]


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254"])
def test_an_address_of_ours_is_refused_unless_it_is_allowed(host: str) -> None:
    url = f"http://{host}/"
    with pytest.raises(Invalid) as raised:
        page_address(url, private=False)
    assert [fault.code for fault in raised.value.faults] == ["address_refused"]
    assert page_address(url, private=True) == url
    assert is_private(host_of(url, ("http",)) or "")


@pytest.mark.parametrize("port", [22, 25, 1023])
def test_a_port_that_no_web_server_has_is_refused_unless_it_is_allowed(port: int) -> None:
    url = f"http://studio.example:{port}/"
    with pytest.raises(Invalid) as raised:
        page_address(url, private=False)
    assert [(fault.pointer, fault.code) for fault in raised.value.faults] == [("/url", "port_refused")]
    assert page_address(url, private=True) == url


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example/{text}"):
        try:
            address = page_address(url, private=True)
        except Invalid:
            continue
        assert address.isascii()
        assert len(address) <= MOST
        assert page_address(address, private=True) == address


@pytest.mark.parametrize("tag", ["en", "pt-BR", "zh-Hant-TW"])
def test_a_language_is_named_by_its_tag(tag: str) -> None:
    assert language_tag(tag) == tag


@pytest.mark.parametrize("tag", ["", "english", "e", "en_US", "en-", "en\n"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(Invalid) as raised:
        language_tag(tag, at="/lang")
    assert [fault.pointer for fault in raised.value.faults] == ["/lang"]
