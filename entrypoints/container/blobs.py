from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.blobs.collect_blobs import BlobCollector
from application.blobs.read_blob import ReadBlob
from application.blobs.write_blob import WriteBlob
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Blobs(DeclarativeContainer):
    """Files."""

    ports = given(Ports)

    write_blob = Factory(
        WriteBlob,
        log=ports.blob_log,
        views=ports.blob_views,
        store=ports.blob_store,
        quota=ports.blob_quota,
        clock=ports.clock,
    )
    read_blob = Factory(ReadBlob, store=ports.blob_store)
    collect_blobs = Factory(BlobCollector, log=ports.blob_log, store=ports.blob_store, clock=ports.clock)
