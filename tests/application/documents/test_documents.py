import pytest

from application.documents.read_content import ContentForm, ReadContent
from application.ports.documents import DocumentFilters, DocumentView
from domain.errors import Forbidden, Invalid, NotFound, Stale
from domain.ids import DocumentId
from domain.knowledge import (
    Document,
    DocumentChanges,
    DocumentKind,
    DocumentNotReady,
    DocumentStatus,
    KnowledgeBaseDocument,
)
from tests.application.documents.desk import URL as PAGE
from tests.application.documents.desk import Desk, page_of


async def a_knowledge_base(desk: Desk, text: str = "# Hours\n\nFrom nine to five.") -> DocumentId:
    await desk.world.edit(desk.owner, desk.workspace, {"knowledge_base": text})
    return DocumentId(desk.workspace.id)


async def test_documents_are_listed_newest_first(desk: Desk) -> None:
    ids = [await desk.ready(f"A portrait is {title} euros.", title) for title in ("One", "Two")]
    failed = (await desk.write("text", "Three")).document.id
    await desk.cancel(desk.newest_job())
    listed = await desk.listing(desk.owner, desk.workspace.id, DocumentFilters(), None, 10)
    assert [view.id for view in listed.items] == [failed, *reversed(ids)]
    narrowed = DocumentFilters(status=DocumentStatus.FAILED)
    assert [view.id for view in (await desk.listing(desk.owner, desk.workspace.id, narrowed, None, 10)).items] == [
        failed
    ]


async def test_a_document_is_read_without_its_content(desk: Desk) -> None:
    document_id = await desk.ready("A portrait is 90 euros.")
    assert await desk.read(desk.owner, document_id) == DocumentView.of(desk.document())
    assert await desk.read(desk.world.viewer(desk.workspace), document_id) == DocumentView.of(desk.document())


async def test_a_removed_document_is_gone_with_its_files_and_passages(desk: Desk) -> None:
    added = await desk.send(b"A portrait is 90 euros.\r\n")
    await desk.work()
    with pytest.raises(Stale):
        await desk.remove(added.document.id, expected=1)
    await desk.remove(added.document.id, expected=3)
    assert (desk.kept(), await desk.find("portrait")) == (set(), [])
    with pytest.raises(NotFound):
        await desk.read(desk.owner, added.document.id)
    with pytest.raises(NotFound):
        await desk.remove(added.document.id)
    assert desk.happened()[-1] == "document.removed"


async def test_a_document_can_be_processed_again(desk: Desk) -> None:
    document_id = await desk.ready("A portrait is 90 euros.")
    with pytest.raises(Stale):
        await desk.reindex(document_id, expected=1)
    again = await desk.reindex(document_id, expected=3)
    assert (again.document.status, again.document.version) == (DocumentStatus.QUEUED, 4)
    assert again.job is not None
    assert await desk.find("portrait") == ["A portrait is 90 euros."]
    await desk.work()
    assert desk.document().status is DocumentStatus.READY
    assert await desk.find("portrait") == ["A portrait is 90 euros."]
    assert desk.happened()[-2:] == ["document.reindex_requested", "document.indexed"]


async def test_a_page_is_fetched_again_and_read_again(desk: Desk) -> None:
    desk.fetcher.pages[PAGE] = page_of("A portrait is 90 euros.")
    added = await desk.name()
    await desk.work()
    await desk.reindex(added.document.id)
    await desk.work()
    assert desk.newest_job().result == {"passages": 1}
    assert len(desk.fetcher.fetched) == 2


async def test_a_document_that_is_described_otherwise_is_processed_again(desk: Desk) -> None:
    document_id = await desk.ready("Die Häuser sind alt.", "Old")
    edited = await desk.edit(document_id, {"title": " Refunds ", "kind": DocumentKind.ARTICLE, "language": "de"})
    assert edited == DocumentView.of(desk.document())
    assert (edited.title, edited.kind, edited.language) == ("Refunds", DocumentKind.ARTICLE, "de")
    assert edited.status is DocumentStatus.QUEUED
    await desk.work()
    assert await desk.headings() == {"Die Häuser sind alt.": "Refunds"}
    assert {row.language for row in desk.world.store.sources.rows.values() if row.passages} == {"de"}
    assert desk.happened()[-2:] == ["document.edited", "document.indexed"]
    again = await desk.edit(document_id, {"language": None})
    assert (again.title, again.language) == ("Refunds", None)


async def test_a_document_that_is_described_as_it_was_stays_ready(desk: Desk) -> None:
    document_id = await desk.ready("A portrait is 90 euros.")
    before = DocumentView.of(desk.document())
    assert await desk.edit(document_id, {"title": "Prices"}) == before
    assert await desk.edit(document_id, {}) == before
    assert desk.happened() == ["document.added", "document.indexed"]


async def test_a_description_that_cannot_be_taken_changes_nothing(desk: Desk) -> None:
    document_id = await desk.ready("A portrait is 90 euros.")
    for changes in (DocumentChanges(title=""), DocumentChanges(language="english!")):
        with pytest.raises(Invalid):
            await desk.edit(document_id, changes)
    with pytest.raises(Stale):
        await desk.edit(document_id, {"title": "Hours"}, expected=1)
    for caller, error in ((desk.world.viewer(desk.workspace), Forbidden), (desk.world.stranger(), NotFound)):
        with pytest.raises(error):
            await desk.edit(document_id, {"title": "Hours"}, caller)
    assert desk.document().title == "Prices"


async def test_content_that_is_not_there_yet_is_a_conflict(desk: Desk) -> None:
    added = await desk.name()
    for form in ContentForm:
        with pytest.raises(DocumentNotReady):
            await desk.content(added.document.id, form)


async def test_only_who_may_does_something_with_documents(desk: Desk) -> None:
    document_id = await desk.ready("A portrait is 90 euros.")
    viewer, stranger = desk.world.viewer(desk.workspace), desk.world.stranger()
    for act in (desk.remove, desk.reindex):
        with pytest.raises(Forbidden):
            await act(document_id, viewer)
        with pytest.raises(NotFound):
            await act(document_id, stranger)
    read_content = ReadContent(desk.views, desk.world.workspaces, desk.files)
    with pytest.raises(NotFound):
        await desk.read(stranger, document_id)
    with pytest.raises(NotFound):
        await read_content(stranger, document_id, ContentForm.TEXT)
    with pytest.raises(NotFound):
        await desk.listing(stranger, desk.workspace.id, DocumentFilters(), None, 10)


async def test_the_knowledge_base_is_a_document_that_is_edited_elsewhere(desk: Desk) -> None:
    document_id = await a_knowledge_base(desk)
    view = await desk.read(desk.owner, document_id)
    assert (view.title, view.kind, view.status) == ("Knowledge base", DocumentKind.ARTICLE, DocumentStatus.READY)
    assert (view.source_uri, view.language) == ("workspace:knowledge_base", "en")
    for form in ContentForm:
        assert await desk.content(document_id, form) == ("Knowledge base.md", b"# Hours\n\nFrom nine to five.")
    for act in (desk.remove, desk.reindex):
        with pytest.raises(KnowledgeBaseDocument):
            await act(document_id)
    with pytest.raises(KnowledgeBaseDocument):
        await desk.edit(document_id, {"title": "Hours"})
    assert await desk.find("nine") == ["From nine to five."]


async def test_the_knowledge_base_follows_the_workspace(desk: Desk) -> None:
    document_id = await a_knowledge_base(desk)
    first = desk.document(document_id)
    await a_knowledge_base(desk, "# Hours\n\nFrom ten to five.")
    second = desk.document(document_id)
    assert (second.version, second.created_at) == (first.version + 1, first.created_at)
    assert second.digest != first.digest
    await desk.world.edit(desk.owner, desk.workspace, {"language": "de"})
    assert desk.document(document_id).language == "de"
    await desk.world.edit(desk.owner, desk.workspace, {"name": "Studio"})
    assert desk.document(document_id).version == 3
    await a_knowledge_base(desk, "")
    assert desk.world.store.documents.rows == {}
    assert await desk.find("ten") == []


async def test_the_content_of_a_knowledge_base_goes_with_its_workspace(desk: Desk) -> None:
    document_id = await a_knowledge_base(desk)
    desk.world.store.workspaces.rows.clear()
    with pytest.raises(NotFound):
        await desk.content(document_id)


def test_a_knowledge_base_needs_no_blobs(desk: Desk) -> None:
    document = Document.knowledge_base(desk.workspace.id, "text", "en", desk.world.clock.now())
    assert document.is_knowledge_base
    assert document.blob_ids == frozenset()
