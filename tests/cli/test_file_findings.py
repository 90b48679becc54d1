import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterable
from pathlib import Path

import pytest
from typing_extensions import override

from adapters.memory.blob_store import MemoryBlobStore
from application.ports.blob_store import BlobStore
from domain.blobs import BlobLost
from domain.errors import Unavailable
from domain.ids import BlobId
from entrypoints.cli.file_findings import directory_finding, files_finding
from entrypoints.settings import load
from entrypoints.supervisor.embedded import Urls
from tests.processes import environment, free_port, run

S3 = {"BLOB_STORE": "s3", "S3_BUCKET": "desk-files"}


class BrokenBlobStore(BlobStore):
    """Does one thing wrong: `refuses` to take bytes, `loses` them, or gives others (`alters`)."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.memory = MemoryBlobStore()

    @override
    async def write(self, blob_id: BlobId, chunks: AsyncIterable[bytes]) -> None:
        if self.fault == "refuses":
            raise Unavailable
        await self.memory.write(blob_id, chunks)

    @override
    async def read(self, blob_id: BlobId) -> AsyncGenerator[bytes, None]:
        if self.fault == "loses":
            raise BlobLost
        yield b"something else"

    @override
    async def delete(self, blob_id: BlobId) -> None:
        await self.memory.delete(blob_id)


@pytest.mark.parametrize(
    ("given", "quota"),
    [
        ({}, "up to 5 GB for each workspace"),
        ({"BLOB_QUOTA": "500MB"}, "up to 0.488 GB for each workspace"),
        ({"BLOB_QUOTA": "0"}, "as much of them as there is room (BLOB_QUOTA=0)"),
    ],
)
async def test_where_files_are_and_how_much_of_them_is_told(given: dict[str, str], quota: str) -> None:
    finding = await files_finding(MemoryBlobStore(), load(given, None))
    assert (finding.subject, finding.well, finding.words) == ("files", True, f"in the database; {quota}")


async def test_a_bucket_is_tried_and_left_as_it_was() -> None:
    store = MemoryBlobStore()
    finding = await files_finding(store, load(S3, None))
    assert (finding.well, finding.words) == (True, "in the bucket desk-files; up to 5 GB for each workspace")
    assert not store.contents


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("refuses", "The bucket desk-files does not take a file. See S3_BUCKET"),
        ("loses", "The bucket desk-files does not take a file. See S3_BUCKET"),
        ("alters", "The bucket desk-files gives back something else. See S3_BUCKET"),
    ],
)
async def test_a_bucket_that_does_not_keep_a_file_is_wrong(fault: str, words: str) -> None:
    store = BrokenBlobStore(fault)
    finding = await files_finding(store, load(S3, None))
    assert (finding.well, finding.words.startswith(words)) == (False, True)
    assert not store.memory.contents


def test_a_directory_that_may_be_written_to_or_made_is_well_and_not_made(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "not" / "there"):
        finding = directory_finding(directory, "all of it")
        assert (finding.well, finding.words) == (True, f"in {directory}; all of it")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_of_somebody_else_is_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    finding = directory_finding(tmp_path / "blobs", "all of it")
    assert (finding.well, finding.words) == (
        False,
        f"Cannot write to {tmp_path}. Let this user, or set BLOB_DIRECTORY.",
    )


def test_a_file_in_place_of_the_directory_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("no directory")
    assert directory_finding(tmp_path / "blobs" / "here", "all of it").well is False


async def test_the_doctor_tells_of_the_owner_and_of_files(tmp_path: Path, database_url: str, servers: Urls) -> None:
    given = {"DATABASE_URL": database_url, "REDIS_URL": servers.redis, "OWNER_EMAIL": "nobody-yet@example.com"}
    env = environment(tmp_path / "home", PORT=str(free_port()), BLOB_STORE="directory", **given)
    done = await asyncio.to_thread(run, "doctor", env=env, cwd=tmp_path)
    assert "ok  sign-in     AUTH_MODE=local; with a password SIGNUP=invite\n" in done.out
    assert "-   owner       Nobody has the e-mail nobody-yet@example.com. The start of the API makes" in done.out
    assert f"ok  files       in {tmp_path / 'home' / 'blobs'}; up to 5 GB for each workspace\n" in done.out
    assert not (tmp_path / "home" / "blobs").exists()
