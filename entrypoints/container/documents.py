from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from application.documents.add_document import AddDocument
from application.documents.documents import EditDocument, ListDocuments, ReadDocument, ReindexDocument, RemoveDocument
from application.documents.end_unindexed import EndUnindexed
from application.documents.files import DocumentFiles
from application.documents.index_document import DocumentIndexer
from application.documents.read_content import ReadContent
from application.ports.clock import Clock
from application.ports.page_fetcher import PageFetcher
from entrypoints.container.blobs import Blobs
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


def _fetcher(clock: Clock, *, allow_private: bool) -> PageFetcher:
    # The client is imported once something is to be fetched: it takes longer than the rest of a start.
    from adapters.httpx2.guard import GuardedTransport  # noqa: PLC0415
    from adapters.httpx2.page_fetcher import HttpxPageFetcher  # noqa: PLC0415

    return HttpxPageFetcher(clock, lambda: GuardedTransport(allow_private=allow_private), allow_private=allow_private)


class Documents(DeclarativeContainer):
    """Documents."""

    ports = given(Ports)
    blobs = given(Blobs)

    fetcher = Singleton(_fetcher, clock=ports.clock, allow_private=ports.outbound_allow_private)
    files = Singleton(
        DocumentFiles,
        views=ports.blob_views,
        read_blob=blobs.read_blob,
        write_blob=blobs.write_blob,
        quota=ports.blob_quota,
    )
    add_document = Factory(
        AddDocument,
        begin=ports.begin,
        views=ports.document_views,
        files=files,
        clock=ports.clock,
        allow_private=ports.outbound_allow_private,
    )
    list_documents = Factory(ListDocuments, views=ports.document_views)
    read_document = Factory(ReadDocument, views=ports.document_views)
    read_content = Factory(ReadContent, views=ports.document_views, workspaces=ports.workspace_views, files=files)
    remove_document = Factory(RemoveDocument, begin=ports.begin, views=ports.document_views, clock=ports.clock)
    edit_document = Factory(EditDocument, begin=ports.begin, views=ports.document_views, clock=ports.clock)
    reindex_document = Factory(ReindexDocument, begin=ports.begin, views=ports.document_views, clock=ports.clock)
    index_document = Factory(
        DocumentIndexer,
        begin=ports.begin,
        workspaces=ports.workspace_views,
        fetcher=fetcher,
        extractor=ports.text_extractor,
        files=files,
        clock=ports.clock,
    )
    end_unindexed = Factory(EndUnindexed, clock=ports.clock)
