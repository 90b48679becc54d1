import stat
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from typing_extensions import override

from adapters.directory.blob_store import DirectoryBlobStore
from application.ports.blob_store import BlobStore
from domain.blobs import BlobLost
from domain.errors import Unavailable
from tests.contracts.blob_store import BlobStoreContract, SourceBroken, chunks, new_blob_id


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class TestDirectoryBlobStore(BlobStoreContract):
    @pytest.fixture
    @override
    def blob_store(self, tmp_path: Path) -> BlobStore:
        return DirectoryBlobStore(tmp_path / "made" / "when needed")


async def test_nobody_else_can_read_the_files_and_folders(tmp_path: Path) -> None:
    await DirectoryBlobStore(tmp_path / "blobs").write(new_blob_id(), chunks([b"secret"]))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "blobs").rglob("*") if path.is_dir()}
    assert modes | {stat.S_IMODE((tmp_path / "blobs").stat().st_mode)} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)} == {0o600}


async def test_a_file_has_its_name_only_once_it_is_whole(tmp_path: Path) -> None:
    store, blob_id = DirectoryBlobStore(tmp_path), new_blob_id()

    async def watching() -> AsyncGenerator[bytes, None]:
        yield b"a" * 100_000
        with pytest.raises(BlobLost):
            await anext(store.read(blob_id))
        yield b"b"

    await store.write(blob_id, watching())
    assert [path.name for path in files(tmp_path)] == [blob_id.hex]


async def test_what_a_crash_left_is_deleted_by_the_id(tmp_path: Path) -> None:
    store, blob_id = DirectoryBlobStore(tmp_path), new_blob_id()
    with pytest.raises(SourceBroken):
        await store.write(blob_id, chunks([b"a"], SourceBroken()))
    assert len(files(tmp_path)) == 1
    await store.delete(blob_id)
    assert files(tmp_path) == []


async def test_a_directory_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = DirectoryBlobStore(tmp_path / "file")
    with pytest.raises(Unavailable):
        await store.write(new_blob_id(), chunks([b"a"]))
    with pytest.raises(Unavailable):
        await anext(store.read(new_blob_id()))
    with pytest.raises(Unavailable):
        await store.delete(new_blob_id())
