import asyncio

import pytest

from application.documents.add_document import AddDocument, AddDocumentCommand, AddedDocument, WrittenText
from application.ports.documents import DocumentView
from domain.blobs import Quota, QuotaExceeded
from domain.errors import Forbidden, Invalid, NotFound
from domain.knowledge import FILE_BYTES, TEXT_LENGTH, DocumentKind, DocumentStatus
from tests.application.documents.desk import URL, Desk, page_of
from tests.application.documents.late import Late


async def test_a_text_is_kept_and_is_to_be_processed(desk: Desk) -> None:
    added = await desk.write("A portrait is 90 euros.", kind=DocumentKind.ARTICLE, language="en-GB")
    document = desk.document()
    assert added.document == DocumentView.of(document)
    assert (document.title, document.source_uri, document.kind) == ("Prices", "text:Prices", DocumentKind.ARTICLE)
    assert (document.status, document.language, document.size) == (DocumentStatus.QUEUED, "en-GB", 23)
    assert added.job is not None
    assert (added.job.type, added.job.subject) == ("index_document", desk.newest_job().subject)
    assert desk.kept() == {b"A portrait is 90 euros."}
    assert desk.happened() == ["document.added"]


async def test_a_file_is_known_by_its_name_without_its_folders(desk: Desk) -> None:
    for name in ("prices.txt", "C:\\texts\\prices.txt", "/home/ada/prices.txt"):
        await desk.send(b"A portrait is 90 euros.", name)
    document = desk.document()
    assert (document.title, document.source_uri, document.kind) == ("prices.txt", "file:prices.txt", DocumentKind.FILE)
    assert (document.media_type, document.language) == ("text/plain", None)


async def test_a_page_is_only_named_for_now(desk: Desk) -> None:
    added = await desk.name(f"{URL}#top")
    document = desk.document()
    assert (document.title, document.source_uri, document.kind) == (URL, URL, DocumentKind.WEB_PAGE)
    assert (document.digest, document.content_id, added.document.digest) == (b"", None, None)
    assert desk.fetcher.fetched == []


async def test_the_same_content_again_changes_nothing(desk: Desk) -> None:
    document_id = await desk.ready("A portrait is 90 euros.")
    before = desk.document()
    again = await desk.write("  A portrait is 90 euros.\n")
    assert again == AddedDocument(document=DocumentView.of(before), job=None)
    assert desk.document(document_id) == before
    assert desk.happened() == ["document.added", "document.indexed"]
    assert len(desk.blobs.contents) == 1


async def test_what_was_not_processed_yet_is_added_again(desk: Desk) -> None:
    first = await desk.write("A portrait is 90 euros.")
    second = await desk.write("A portrait is 90 euros.")
    assert first.document.id == second.document.id
    assert first.job is not None
    assert second.job is not None
    assert first.job.id != second.job.id


async def test_other_content_of_the_same_source_takes_its_place(desk: Desk) -> None:
    document_id = await desk.ready("A portrait is 90 euros.")
    added = await desk.write("A portrait is 95 euros.")
    assert (added.document.id, added.document.status, added.replaced) == (document_id, DocumentStatus.QUEUED, True)
    assert await desk.find("portrait") == ["A portrait is 90 euros."]
    await desk.work()
    assert await desk.find("portrait") == ["A portrait is 95 euros."]
    assert desk.kept() == {b"A portrait is 95 euros."}
    assert desk.happened() == ["document.added", "document.indexed", "document.replaced", "document.indexed"]


async def test_content_that_was_replaced_before_it_was_read_is_gone(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")
    await desk.write("A portrait is 95 euros.")
    assert desk.kept() == {b"A portrait is 95 euros."}


async def test_the_same_content_described_otherwise_is_processed_again(desk: Desk) -> None:
    document_id = await desk.ready("Ein Porträt kostet 90 Euro.")
    added = await desk.write("Ein Porträt kostet 90 Euro.", language="de")
    assert added.job is not None
    await desk.work()
    document = desk.document(document_id)
    assert (document.language, document.title, document.status) == ("de", "Prices", DocumentStatus.READY)
    again = await desk.write("Ein Porträt kostet 90 Euro.")
    assert (again.job, again.document.language) == (None, "de")


async def test_of_two_who_add_one_source_at_once_both_are_told_of_one_document(desk: Desk) -> None:
    answers = await asyncio.gather(desk.write("A portrait is 90 euros."), desk.write("A portrait is 95 euros."))
    assert {answer.document.id for answer in answers} == {desk.document().id}
    await desk.work()
    await desk.work()
    assert desk.document().status is DocumentStatus.READY
    assert len(desk.kept()) == 1


async def test_a_source_that_somebody_else_adds_at_the_same_time_is_replaced(desk: Desk) -> None:
    first = await desk.write("A portrait is 90 euros.")
    late = Late(desk.world)
    source = WrittenText("A portrait is 95 euros.", "Prices")
    command = AddDocumentCommand(workspace_id=desk.workspace.id, source=source, title="Prices")
    add = AddDocument(late.begin, desk.views, desk.files, desk.world.clock, allow_private=False)
    added = await add(desk.owner, command)
    assert (added.document.id, added.replaced, late.looks) == (first.document.id, True, 2)
    assert desk.kept() == {b"A portrait is 95 euros."}


async def test_documents_of_other_sources_are_others(desk: Desk) -> None:
    added = [
        await desk.write("Prices"),
        await desk.write("Prices: 90 euros", "Hours"),
        await desk.send(b"The prices", "Prices"),
        await desk.name(),
        await desk.note("Our prices"),
    ]
    assert len({answer.document.id for answer in added}) == 5
    assert not any(answer.replaced for answer in added)


async def test_a_text_without_a_name_never_takes_the_place_of_another(desk: Desk) -> None:
    first, second = await desk.note("Open on Mondays."), await desk.note("Closed on Sundays.")
    assert first.document.id != second.document.id
    assert (first.document.title, second.document.title) == ("Prices", "Prices")
    await desk.work()
    await desk.work()
    assert await desk.find("open mondays") == ["Open on Mondays."]
    assert await desk.find("closed sundays") == ["Closed on Sundays."]


async def test_a_text_without_a_name_is_known_by_what_it_says(desk: Desk) -> None:
    await desk.note("Open on Mondays.")
    await desk.work()
    before = DocumentView.of(desk.document())
    assert before.source_uri == f"text:sha256:{before.digest}"
    assert await desk.note(" Open on Mondays.\n") == AddedDocument(document=before, job=None)
    renamed = await desk.note("Open on Mondays.", "Hours")
    assert (renamed.document.id, renamed.document.title, renamed.replaced) == (before.id, "Hours", True)


async def test_the_content_of_another_file_or_text_is_not_kept_twice(desk: Desk) -> None:
    await desk.send(b"Open on Mondays.", "a.txt")
    for processed in (False, True):
        if processed:
            await desk.work()
        there = AddedDocument(document=DocumentView.of(desk.document()), job=None)
        assert await desk.send(b"Open on Mondays.", "b.txt") == there
        assert await desk.note("Open on Mondays.") == there
        assert await desk.write("Open on Mondays.") == there
    assert desk.happened() == ["document.added", "document.indexed"]


async def test_content_that_failed_elsewhere_is_tried_again(desk: Desk) -> None:
    await desk.send(b"\xff\xfe\x00", "a.bin")
    await desk.work()
    added = await desk.send(b"\xff\xfe\x00", "b.txt")
    assert (added.document.source_uri, added.replaced) == ("file:b.txt", False)


async def test_a_page_is_told_from_a_file_with_its_content(desk: Desk) -> None:
    desk.fetcher.pages[URL] = page_of("A portrait is 90 euros.")
    await desk.name()
    await desk.work()
    added = await desk.send(b"A portrait is 90 euros.")
    assert added.document.source_uri == "file:prices.txt"


@pytest.mark.parametrize("name", ["", "x" * 256, "a\x00b"], ids=["empty", "long", "a NUL"])
async def test_a_name_that_no_text_may_have_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(Invalid) as raised:
        await desk.add(WrittenText("text", name), title="Prices")
    assert [fault.pointer for fault in raised.value.faults] == ["/source_uri"]


async def test_a_page_can_be_added_again_with_a_name_of_its_own(desk: Desk) -> None:
    desk.fetcher.pages[URL] = page_of("Title: Prices\nA portrait is 90 euros.")
    await desk.name(title="Our prices")
    await desk.work()
    assert desk.document().title == "Our prices"
    added = await desk.name()
    assert (added.document.title, added.document.status) == ("Our prices", DocumentStatus.QUEUED)


@pytest.mark.parametrize(
    ("title", "text", "pointer"),
    [
        ("", "text", "/title"),
        ("x" * 301, "text", "/title"),
        ("Prices", "", "/text"),
        ("Prices", "a\x00b", "/text"),
        ("Prices", "š" * (TEXT_LENGTH + 1), "/text"),
    ],
    ids=["no title", "a long title", "no text", "a NUL", "a long text"],
)
async def test_a_text_that_cannot_be_taken_is_refused(desk: Desk, title: str, text: str, pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        await desk.write(text, title)
    assert [fault.pointer for fault in raised.value.faults] == [pointer]


async def test_a_language_that_is_none_is_refused(desk: Desk) -> None:
    for language in ("", "english!"):
        with pytest.raises(Invalid):
            await desk.write("text", language=language)
    await desk.ready("text")
    with pytest.raises(Invalid):
        await desk.write("text", language="english!")


@pytest.mark.parametrize(
    "url", ["", "studio.example", "ftp://studio.example/", "http://localhost/", "http://10.0.0.1/"]
)
async def test_an_address_that_no_page_has_is_refused(desk: Desk, url: str) -> None:
    with pytest.raises(Invalid) as raised:
        await desk.name(url)
    assert [fault.pointer for fault in raised.value.faults] == ["/url"]


async def test_a_file_that_is_empty_nameless_or_too_large_is_refused(desk: Desk) -> None:
    for data, name in ((b"", "a.txt"), (b"text", ""), (b"text", "x" * 256), (bytes(FILE_BYTES + 1), "a.txt")):
        with pytest.raises(Invalid):
            await desk.send(data, name)
    assert desk.kept() == set()


async def test_a_file_for_which_there_is_no_room_is_refused(desk: Desk) -> None:
    desk.quota = Quota(10)
    await desk.send(b"0123456789")
    with pytest.raises(QuotaExceeded):
        await desk.send(b"x", "another.txt")
    assert len(desk.world.store.documents.rows) == 1


async def test_only_who_may_write_documents_adds_one(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        await desk.write("text", caller=desk.world.viewer(desk.workspace))
    with pytest.raises(NotFound):
        await desk.write("text", caller=desk.world.stranger())
    assert desk.happened() == []
