import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from application.documents.read_content import ContentForm
from application.ports.page_fetcher import PageRefused, PageUnavailable
from domain.blobs import Quota
from domain.errors import Unavailable
from domain.ids import BlobId
from domain.jobs import JobCancelled, JobStatus, LeaseLost, TryAgain
from domain.knowledge import MOST_PASSAGES, DocumentStatus, Source, SourceKind
from tests.application.documents.desk import URL, Desk, page_of

NAMED = "Title: Prices of the studio\nA portrait is 90 euros."


async def test_a_document_is_found_once_it_was_processed(desk: Desk) -> None:
    added = await desk.write("# Prices\n\nA portrait is 90 euros.")
    assert await desk.find("portrait") == []
    progress = MemoryJobProgress()
    await desk.work(progress=progress)
    document, job = desk.document(), desk.newest_job()
    assert await desk.find("portrait") == ["A portrait is 90 euros."]
    assert (document.id, document.status, document.version) == (added.document.id, DocumentStatus.READY, 3)
    assert (job.status, job.result) == (JobStatus.SUCCEEDED, {"passages": 1})
    assert [percent for percent, _ in progress.reports] == [10, 70]
    assert desk.happened() == ["document.added", "document.indexed"]


async def test_a_text_that_is_its_own_content_is_kept_once(desk: Desk) -> None:
    document_id = await desk.ready("A portrait is 90 euros.")
    document = desk.document()
    assert document.content_id == document.text_id
    assert desk.kept() == {b"A portrait is 90 euros."}
    assert await desk.content(document_id) == ("Prices.md", b"A portrait is 90 euros.")
    assert await desk.content(document_id, ContentForm.TEXT) == ("Prices.md", b"A portrait is 90 euros.")


async def test_a_file_is_kept_beside_its_text(desk: Desk) -> None:
    added = await desk.send("\ufeffA portrait is 90 euros.\r\n".encode())
    await desk.work()
    assert desk.kept() == {"\ufeffA portrait is 90 euros.\r\n".encode(), b"A portrait is 90 euros."}
    assert await desk.content(added.document.id) == ("prices.txt", "\ufeffA portrait is 90 euros.\r\n".encode())
    assert await desk.content(added.document.id, ContentForm.TEXT) == ("prices.txt.md", b"A portrait is 90 euros.")


async def test_another_version_takes_the_place_of_content_and_text(desk: Desk) -> None:
    await desk.send(b"A portrait is 90 euros.\r\n")
    await desk.work()
    await desk.send(b"A portrait is 95 euros.\r\n")
    assert desk.kept() == {b"A portrait is 90 euros.", b"A portrait is 95 euros.\r\n"}
    await desk.work()
    assert desk.kept() == {b"A portrait is 95 euros.", b"A portrait is 95 euros.\r\n"}


async def test_passages_that_say_the_same_stay_the_same(desk: Desk) -> None:
    source = Source(SourceKind.DOCUMENT, await desk.ready("# Prices\n\nA portrait is 90.\n\n# Hours\n\nFrom nine."))
    async with desk.world.begin() as work:
        before = {passage.text: passage.id for passage in await work.passages.of(source)}
    await desk.ready("# Prices\n\nA portrait is 95.\n\n# Hours\n\nFrom nine.")
    async with desk.world.begin() as work:
        after = {passage.text: passage.id for passage in await work.passages.of(source)}
    assert before["From nine."] == after["From nine."]
    assert before.keys() ^ after.keys() == {"A portrait is 90.", "A portrait is 95."}


async def test_a_document_is_found_by_its_title(desk: Desk) -> None:
    await desk.ready("You have fourteen days to send things back.", "Refund policy")
    await desk.ready("# Opening hours\n\nFrom nine.\n\n# Holidays\n\nNever.", "Opening hours")
    assert await desk.find("refund policy") == ["You have fourteen days to send things back."]
    assert await desk.headings() == {
        "You have fourteen days to send things back.": "Refund policy",
        "From nine.": "Opening hours",
        "Never.": "Opening hours › Holidays",
    }


async def test_a_page_is_found_by_its_title_and_not_by_its_address(desk: Desk) -> None:
    desk.fetcher.pages[URL] = page_of("A portrait is 90 euros.")
    await desk.name()
    await desk.work()
    assert await desk.headings() == {"A portrait is 90 euros.": ""}
    desk.fetcher.pages[URL] = page_of(NAMED)
    await desk.name()
    await desk.work()
    assert await desk.headings() == {NAMED: "Prices of the studio"}


async def test_a_document_that_gets_another_title_is_found_by_that(desk: Desk) -> None:
    await desk.note("You have fourteen days.", "Refund policy")
    await desk.work()
    await desk.note("You have fourteen days.", "Cancellations")
    await desk.work()
    assert await desk.find("refund policy") == []
    assert await desk.find("cancellation") == ["You have fourteen days."]


async def test_a_document_of_very_many_pieces_fails_and_says_what_to_do(desk: Desk) -> None:
    await desk.send(b"# A\nb\n# B\nb\n" * (MOST_PASSAGES // 2 + 1))
    await desk.work()
    document = desk.document()
    assert document.status is DocumentStatus.FAILED
    assert document.reason == ("The text falls into more than 20,000 pieces. Divide it, or give it fewer headings.")


async def test_a_page_is_fetched_and_named_by_its_title(desk: Desk) -> None:
    desk.fetcher.pages[URL] = page_of(NAMED)
    added = await desk.name()
    progress = MemoryJobProgress()
    await desk.work(progress=progress)
    document = desk.document()
    assert (document.title, document.status) == ("Prices of the studio", DocumentStatus.READY)
    assert (document.media_type, document.size) == ("text/plain", len(NAMED))
    assert await desk.find("portrait") == [NAMED]
    assert [percent for percent, _ in progress.reports] == [10, 40, 70]
    assert await desk.content(added.document.id) == ("Prices of the studio", NAMED.encode())


async def test_a_page_that_says_the_same_is_left_as_it_is(desk: Desk) -> None:
    desk.fetcher.pages[URL] = page_of("A portrait is 90 euros.")
    await desk.name()
    await desk.work()
    blobs = set(desk.blobs.contents)
    await desk.name()
    await desk.work()
    assert desk.newest_job().result == {"unchanged": True}
    assert (desk.document().status, set(desk.blobs.contents)) == (DocumentStatus.READY, blobs)
    assert await desk.find("portrait") == ["A portrait is 90 euros."]


async def test_a_page_that_says_something_else_takes_its_place(desk: Desk) -> None:
    desk.fetcher.pages[URL] = page_of("A portrait is 90 euros.\r\n")
    await desk.name()
    await desk.work()
    desk.fetcher.pages[URL] = page_of("A portrait is 95 euros.\r\n")
    await desk.name()
    await desk.work()
    assert await desk.find("portrait") == ["A portrait is 95 euros."]
    assert desk.kept() == {b"A portrait is 95 euros.", b"A portrait is 95 euros.\r\n"}


async def test_a_page_that_is_not_to_be_had_is_a_failed_document(desk: Desk) -> None:
    desk.fetcher.pages[URL] = PageRefused("The page answers 404.")
    await desk.name()
    await desk.work()
    document, job = desk.document(), desk.newest_job()
    assert (document.status, document.reason) == (DocumentStatus.FAILED, "The page answers 404.")
    assert (job.status, job.result) == (JobStatus.DEAD, {"reason": "The page answers 404."})
    assert desk.happened() == ["document.added", "document.failed"]


async def test_a_page_that_does_not_answer_is_asked_again(desk: Desk) -> None:
    desk.fetcher.pages[URL] = PageUnavailable("The page answers 503.", timedelta(seconds=90))
    await desk.name()
    with pytest.raises(TryAgain, match="503") as raised:
        await desk.index(await desk.claim())
    assert raised.value.after == timedelta(seconds=90)
    assert desk.document().status is DocumentStatus.PROCESSING


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [(None, timedelta(seconds=4), timedelta(seconds=8)), (timedelta(days=9), timedelta(hours=1), timedelta(hours=1))],
    ids=["not told", "told too much"],
)
async def test_a_page_is_waited_for_neither_a_moment_nor_for_days(
    desk: Desk, asked: timedelta | None, least: timedelta, most: timedelta
) -> None:
    desk.fetcher.pages[URL] = PageUnavailable("The page does not answer.", asked)
    await desk.name()
    with pytest.raises(TryAgain) as raised:
        await desk.index(await desk.claim())
    assert least <= raised.value.after <= most


async def test_a_page_that_never_answers_is_a_failed_document_in_the_end(desk: Desk) -> None:
    desk.fetcher.pages[URL] = PageUnavailable("The page does not answer.")
    await desk.name()
    while not desk.newest_job().ended:
        desk.world.clock.advance(timedelta(hours=1))
        await desk.work()
    assert len(desk.fetcher.fetched) == 5
    assert (desk.document().status, desk.document().reason) == (DocumentStatus.FAILED, "The page does not answer.")


async def test_a_broken_file_fails_with_a_sentence_and_what_was_found_before_still_is(desk: Desk) -> None:
    await desk.send(b"A portrait is 90 euros.")
    await desk.work()
    added = await desk.send(b"\xff\xfe\x00")
    await desk.work()
    document = desk.document()
    assert (document.status, document.reason) == (DocumentStatus.FAILED, "The file is no text.")
    assert await desk.find("portrait") == ["A portrait is 90 euros."]
    assert await desk.content(added.document.id, ContentForm.TEXT) == ("prices.txt.md", b"A portrait is 90 euros.")
    await desk.send(b"A portrait is 95 euros.")
    await desk.work()
    assert (desk.document().status, desk.document().reason) == (DocumentStatus.READY, None)


async def test_lost_content_and_a_full_workspace_fail_the_document(desk: Desk) -> None:
    await desk.send(b"A portrait is 90 euros.\n")
    desk.quota = Quota(30)
    await desk.work()
    assert "room" in (desk.document().reason or "")
    desk.blobs.contents.clear()
    desk.quota = Quota()
    await desk.reindex(desk.document().id)
    await desk.work()
    assert "lost" in (desk.document().reason or "")
    document = replace(desk.document(), content_id=BlobId(desk.document().id))
    desk.world.store.documents.rows[document.id] = document
    await desk.reindex(document.id)
    await desk.work()
    assert "lost" in (desk.document().reason or "")


async def test_a_store_that_does_not_answer_is_a_failure_of_the_job(desk: Desk) -> None:
    async def away() -> None:
        raise Unavailable

    await desk.write("A portrait is 90 euros.")
    desk.extractor.before = away
    with pytest.raises(Unavailable):
        await desk.index(await desk.claim())
    assert desk.document().status is DocumentStatus.PROCESSING


async def test_done_again_it_goes_as_it_went(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")
    claim = await desk.claim()
    desk.extractor.before = _crash
    with pytest.raises(Crash):
        await desk.index(claim)
    desk.extractor.before = None
    desk.world.clock.advance(timedelta(minutes=1))
    await desk.world.queue.expire()
    with pytest.raises(LeaseLost):
        await desk.index(claim)
    await desk.work()
    assert await desk.find("portrait") == ["A portrait is 90 euros."]
    assert desk.happened() == ["document.added", "document.indexed"]


async def test_of_a_document_that_is_ready_nothing_is_left_to_do(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")
    await desk.write("A portrait is 90 euros.")
    await desk.work()
    before = desk.document()
    await desk.work()
    assert desk.document() == before
    assert desk.newest_job().status is JobStatus.SUCCEEDED


async def test_a_document_that_is_gone_is_nothing_to_do(desk: Desk) -> None:
    added = await desk.write("A portrait is 90 euros.")
    await desk.remove(added.document.id)
    await desk.work()
    assert desk.newest_job().status is JobStatus.SUCCEEDED
    assert await desk.find("portrait") == []


@pytest.mark.parametrize("data", [b"A portrait is 90 euros.", b"\xff\xfe\x00"], ids=["readable", "broken"])
async def test_a_document_that_goes_meanwhile_stays_gone(desk: Desk, data: bytes) -> None:
    added = await desk.send(data)

    async def remove() -> None:
        await desk.remove(added.document.id)

    desk.extractor.before = remove
    await desk.work()
    assert desk.world.store.documents.rows == {}
    assert desk.kept() == set()
    assert await desk.find("portrait") == []
    assert desk.happened() == ["document.added", "document.removed"]


async def test_a_page_that_goes_meanwhile_stays_gone(desk: Desk) -> None:
    desk.fetcher.pages[URL] = page_of("A portrait is 90 euros.")
    added = await desk.name()
    await desk.work()
    await desk.name()

    async def remove() -> None:
        await desk.remove(added.document.id)

    desk.fetcher.before = remove
    await desk.work()
    assert desk.world.store.documents.rows == {}


async def test_a_workspace_that_goes_meanwhile_takes_its_documents_along(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")

    async def remove() -> None:
        desk.world.store.workspaces.rows.clear()

    desk.extractor.before = remove
    await desk.work()
    assert desk.happened() == ["document.added"]


async def test_what_was_replaced_meanwhile_is_left_to_the_next_job(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")

    async def replaced() -> None:
        desk.extractor.before = None
        await desk.write("A portrait is 95 euros.")

    desk.extractor.before = replaced
    await desk.work()
    assert (desk.document().status, await desk.find("portrait")) == (DocumentStatus.QUEUED, [])
    await desk.work()
    assert (desk.document().status, await desk.find("portrait")) == (
        DocumentStatus.READY,
        ["A portrait is 95 euros."],
    )


async def test_it_can_be_cancelled_while_a_file_is_read(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")
    progress, reading = MemoryJobProgress(), asyncio.Event()

    async def read_for_ever() -> None:
        reading.set()
        await asyncio.Event().wait()

    desk.extractor.before = read_for_ever
    claim = await desk.claim()
    working = asyncio.ensure_future(desk.work(claim, progress))
    await reading.wait()
    progress.cancel()
    await working
    document = desk.document()
    assert (document.status, document.reason) == (DocumentStatus.FAILED, "Its processing was cancelled.")
    assert desk.newest_job().status is JobStatus.CANCELLED


async def test_who_cancels_before_it_begins_is_heeded(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")
    progress = MemoryJobProgress()
    progress.cancel()
    with pytest.raises(JobCancelled):
        await desk.index(await desk.claim(), progress)


async def test_the_language_of_the_workspace_is_that_of_its_documents(desk: Desk) -> None:
    await desk.world.edit(desk.owner, desk.workspace, {"language": "de"})
    await desk.ready("Die Häuser sind alt.")
    await desk.write("The houses are old.", "In English", language="en")
    await desk.work()
    languages = {row.language for row in desk.world.store.sources.rows.values() if row.passages}
    assert languages == {"de", "en"}


class Crash(Exception):
    """The worker dies."""


async def _crash() -> None:
    raise Crash
