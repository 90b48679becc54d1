from uuid import uuid4

from application.documents.end_unindexed import EndUnindexed
from application.documents.index_document import IndexDocument
from domain.ids import DocumentId, WorkspaceId
from domain.jobs import Job, JobStatus
from domain.knowledge import DocumentStatus
from tests.application.documents.desk import Desk


async def test_a_job_that_dies_leaves_a_failed_document_that_is_found_by_what_it_said(desk: Desk) -> None:
    await desk.ready("A portrait is 90 euros.")
    await desk.write("A portrait is 95 euros.")
    await desk.die("OperationalError")
    document = desk.document()
    assert document.status is DocumentStatus.FAILED
    assert document.reason == "It could not be processed, although that was tried several times."
    assert await desk.find("portrait") == ["A portrait is 90 euros."]


async def test_what_people_can_read_of_a_death_is_the_reason(desk: Desk) -> None:
    await desk.write("A portrait is 95 euros.")
    await desk.die("The page does not answer.")
    assert desk.document().reason == "The page does not answer."


async def test_a_job_that_is_cancelled_while_it_waits_leaves_a_failed_document(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")
    await desk.cancel(desk.newest_job())
    assert (desk.document().status, desk.document().reason) == (
        DocumentStatus.FAILED,
        "Its processing was cancelled.",
    )


async def test_with_its_job_a_document_is_processed_again(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")
    await desk.cancel(desk.newest_job())
    await desk.replay(desk.newest_job())
    assert (desk.document().status, desk.document().reason) == (DocumentStatus.QUEUED, None)
    await desk.work()
    assert (desk.document().status, desk.newest_job().status) == (DocumentStatus.READY, JobStatus.SUCCEEDED)


async def test_the_next_job_of_a_document_does_what_a_cancelled_one_did_not(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")
    first = desk.newest_job()
    await desk.write("A portrait is 95 euros.")
    await desk.cancel(first)
    await desk.work()
    assert desk.document().status is DocumentStatus.READY
    assert await desk.find("portrait") == ["A portrait is 95 euros."]


async def test_a_document_that_is_ready_stays_so(desk: Desk) -> None:
    await desk.write("A portrait is 90 euros.")
    await desk.write("A portrait is 90 euros.")
    await desk.work()
    await desk.cancel(desk.newest_job())
    assert desk.document().status is DocumentStatus.READY


async def test_a_document_that_is_gone_leaves_nothing_to_end(desk: Desk) -> None:
    spec = IndexDocument(document_id=DocumentId(uuid4()), workspace_id=WorkspaceId(uuid4()))
    burial, before = EndUnindexed(desk.world.clock), desk.world.happened()
    async with desk.world.begin() as work:
        job = Job.of(spec, desk.world.clock.now())
        await burial.prepare(work, job.payload)
        await burial.bury(work, job)
        await work.commit(None)
    assert desk.world.happened() == before
