import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from typing_extensions import override

from application.ports.blob_store import PIECE, BlobStore
from domain.blobs import BlobLost
from domain.errors import Unavailable
from domain.ids import BlobId


class DirectoryBlobStore(BlobStore):
    """Bytes in files that nobody else can read; a file has its name only once it is whole and on the disk.

    All processes that work together need the same directory.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @override
    async def write(self, blob_id: BlobId, chunks: AsyncIterable[bytes]) -> None:
        path = self._path(blob_id)
        with _told():
            file = await asyncio.to_thread(_create, _part(path))
        try:
            async for chunk in chunks:
                with _told():
                    await asyncio.to_thread(file.write, chunk)
            with _told():
                await asyncio.to_thread(_finish, file, path)
        finally:
            with suppress(OSError):  # the same as before, when a full disk does not take what is still buffered
                file.close()

    @override
    async def read(self, blob_id: BlobId) -> AsyncGenerator[bytes, None]:
        with _told():
            file = await asyncio.to_thread(_open, self._path(blob_id))
        with file:
            while chunk := await _read(file):
                yield chunk

    @override
    async def delete(self, blob_id: BlobId) -> None:
        with _told():
            await asyncio.to_thread(_remove, self._path(blob_id))

    def _path(self, blob_id: BlobId) -> Path:
        # The last digits, as the first are the time: no folder gets more than its share.
        return self._directory / blob_id.hex[-2:] / blob_id.hex


@contextmanager
def _told() -> Generator[None, None, None]:
    """What a disk refuses, such as a full one, is a matter of the operator and not of the caller."""
    try:
        yield
    except OSError as error:
        raise Unavailable from error


def _part(path: Path) -> Path:
    """Where the bytes are until they are whole: told by the id, so that those of a crash can be deleted by it."""
    return path.with_suffix(".part")


def _create(path: Path) -> BinaryIO:
    path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _finish(file: BinaryIO, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    _part(path).replace(path)
    for folder in (path.parent, path.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise BlobLost from None


async def _read(file: BinaryIO) -> bytes:
    with _told():
        return await asyncio.to_thread(file.read, PIECE)


def _remove(path: Path) -> None:
    for each in (path, _part(path)):
        with suppress(FileNotFoundError):
            each.unlink()
