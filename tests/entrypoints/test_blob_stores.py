from pathlib import Path

import pytest

from adapters.directory.blob_store import DirectoryBlobStore
from adapters.postgres.blob_store import PostgresBlobStore
from adapters.postgres.pool import closed_pool
from adapters.postgres.statements import Database
from adapters.s3.blob_store import S3BlobStore
from application.ports.blob_store import BlobStore
from entrypoints.container.blob_stores import blob_store, outside_the_database
from entrypoints.settings import load
from tests.contracts.blob_store import chunks, new_blob_id, read
from tests.wire.s3 import ACCESS_KEY, BUCKET, REGION, SECRET_KEY, S3Server


def store_of(**environ: str) -> BlobStore:
    return blob_store(load(environ, None), Database(closed_pool()))


@pytest.mark.parametrize(
    ("environ", "kind", "place"),
    [
        ({}, PostgresBlobStore, None),
        ({"BLOB_STORE": "directory"}, DirectoryBlobStore, "the directory .flightdeck/blobs"),
        ({"BLOB_STORE": "directory", "BLOB_DIRECTORY": "/srv/files"}, DirectoryBlobStore, "the directory /srv/files"),
        ({"BLOB_STORE": "s3", "S3_BUCKET": "files"}, S3BlobStore, "the bucket files"),
    ],
)
def test_the_store_is_the_one_that_is_set(environ: dict[str, str], kind: type[BlobStore], place: str | None) -> None:
    assert isinstance(store_of(**environ), kind)
    assert outside_the_database(load(environ, None)) == place


@pytest.mark.parametrize("given", ["BLOB_DIRECTORY", "FLIGHTDECK_HOME"])
async def test_files_go_to_the_directory_that_is_set_or_to_the_home(tmp_path: Path, given: str) -> None:
    blob_id = new_blob_id()
    await store_of(BLOB_STORE="directory", **{given: str(tmp_path / "place")}).write(blob_id, chunks([b"a"]))
    folder = tmp_path / "place" if given == "BLOB_DIRECTORY" else tmp_path / "place" / "blobs"
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [blob_id.hex]


async def test_a_bucket_is_reached_as_it_is_set() -> None:
    async with S3Server() as server:
        store = store_of(
            BLOB_STORE="s3",
            S3_BUCKET=BUCKET,
            S3_ENDPOINT=server.url,
            S3_REGION=REGION,
            S3_ACCESS_KEY=ACCESS_KEY,
            S3_SECRET_KEY=SECRET_KEY,
        )
        blob_id = new_blob_id()
        await store.write(blob_id, chunks([b"a"]))
        assert await read(store, blob_id) == b"a"
