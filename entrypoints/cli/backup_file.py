"""The file of a backup: a tar archive of what `pg_dump` wrote, a manifest, the secret key if asked for, and checksums.

`tar xf FILE && cd flightdeck && sha256sum --check SHA256SUMS` reads it without us, and `pg_restore` what is in it.
"""

import fcntl
import hashlib
import os
import tarfile
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import IO

import msgspec

from domain.errors import Conflict, Unavailable
from entrypoints.container.backups import Archive, Contents

FORMAT = 1
_FOLDER = "flightdeck/"
_DUMP, _MANIFEST, _KEY, _SUMS = "database.dump", "manifest.json", "secret-key", "SHA256SUMS"
_BLOCK = tarfile.BLOCKSIZE
_SMALL = 1024 * 1024  # bytes: what but the dump is longer is not ours


class _Versioned(msgspec.Struct, frozen=True):
    format: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself.

    Attributes:
        format: of the file; a newer one may need a newer Flightdeck.
        flightdeck: the version of the program that made it.
        seal: text sealed with the instance's secret key, in hex: what can unseal it can unseal the backup's secrets.
    """

    format: int
    flightdeck: str
    created_at: datetime
    contents: Contents
    seal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup whose checksums are right."""

    manifest: Manifest
    archive: Archive
    secret_key: str | None


class BackupWriter:
    """A backup being written: the dump by `write`, then `finish`.

    Raises:
        Unavailable: the disk does not take it.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file = file
        self._sums: dict[str, str] = {}
        self._sum = hashlib.sha256()
        self._file.seek(_BLOCK)  # the dump's header tells its size, and is written at the end

    def write(self, chunk: bytes) -> None:
        """Adds to the dump."""
        self._sum.update(chunk)
        with _writing(self._path):
            self._file.write(chunk)

    def finish(self, manifest: Manifest, secret_key: str | None) -> None:
        """The dump is complete: adds the rest, and sees that all of it is on the disk."""
        with _writing(self._path):
            self._close_dump()
            self._add(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
            if secret_key is not None:
                self._add(_KEY, f"{secret_key}\n".encode())
            self._add(_SUMS, "".join(f"{sum_}  {name}\n" for name, sum_ in self._sums.items()).encode())
            self._file.write(bytes(2 * _BLOCK))
            self._file.flush()
            os.fsync(self._file.fileno())

    def _close_dump(self) -> None:
        end = self._file.tell()
        self._sums[_DUMP] = self._sum.hexdigest()
        self._file.seek(0)
        self._file.write(_header(_DUMP, end - _BLOCK))
        self._file.seek(end)
        self._file.write(bytes(-end % _BLOCK))

    def _add(self, name: str, content: bytes) -> None:
        self._sums[name] = hashlib.sha256(content).hexdigest()
        self._file.write(_header(name, len(content)) + content + bytes(-len(content) % _BLOCK))


def _header(name: str, size: int) -> bytes:
    header = tarfile.TarInfo(_FOLDER + name)
    header.size, header.mode = size, 0o600
    return header.tobuf(tarfile.GNU_FORMAT)  # one block, however large the size


@contextmanager
def written(path: Path, *, force: bool) -> Generator[BackupWriter]:
    """A new backup, which has its name, and mode 0600, only once the block has ended well.

    Raises:
        Conflict: the file exists and `force` is not given.
        Unavailable: it cannot be written.
    """
    _free(path, force=force)
    with _draft(path) as (draft, file):
        yield BackupWriter(path, file)
        _free(path, force=force)
        with _writing(path):
            Path(draft).replace(path)


def _free(path: Path, *, force: bool) -> None:
    with _writing(path):
        exists, plain = path.exists(), path.is_file()
    if exists and not plain:
        raise Conflict(f"{path} is no file but a directory or a device. Name a file.")
    if exists and not force:
        raise Conflict(f"{path} exists. Name another file, or replace it with --force.")


@contextmanager
def _writing(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"Cannot write {path}: {error.strerror or error}.") from error


@contextmanager
def _draft(path: Path) -> Generator[tuple[str, IO[bytes]]]:
    mark = f".{path.name}."
    for left in path.parent.glob(f"{escape(mark)}*.part"):
        _remove_abandoned(left)
    with _writing(path):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=mark, suffix=".part")  # mode 0600
    file = os.fdopen(descriptor, "wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield name, file
    finally:
        with suppress(OSError):  # on a full disk closing fails, too; what counts was flushed before
            file.close()
        Path(name).unlink(missing_ok=True)


def _remove_abandoned(draft: Path) -> None:
    """Removes the draft of a backup that was killed; one that is being written is locked."""
    with suppress(OSError), draft.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()


@contextmanager
def opened(path: Path) -> Generator[Backup]:
    """The backup in a file, which stays open with the block.

    Raises:
        Conflict: it is none, is damaged, or is of a newer format.
        Unavailable: it cannot be read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unavailable(f"Cannot read {path}: {error.strerror}.") from error
    with file:
        yield _read(path, file)


def _read(path: Path, file: IO[bytes]) -> Backup:
    try:
        if _first_name(file) != _FOLDER + _DUMP:
            raise Conflict(f"{path} is not a backup of Flightdeck.")
        with tarfile.open(fileobj=file, mode="r:") as tar:
            return _verified(path, tar, file)
    except (tarfile.TarError, msgspec.MsgspecError, ValueError, KeyError) as error:
        raise Conflict(f"{path} is damaged: it is cut off or was changed. Nothing was restored.") from error
    except OSError as error:
        raise Unavailable(f"Cannot read {path}: {error.strerror or error}.") from error


def _first_name(file: IO[bytes]) -> str | None:
    begin = file.read(_BLOCK)
    file.seek(0)
    with suppress(tarfile.HeaderError):
        return tarfile.TarInfo.frombuf(begin, "utf-8", "replace").name
    return None


def _verified(path: Path, tar: tarfile.TarFile, file: IO[bytes]) -> Backup:
    members = {member.name.removeprefix(_FOLDER): member for member in tar.getmembers()}
    found = [f"{_sum(tar, member)}  {name}\n" for name, member in members.items() if name != _SUMS]
    if "".join(found).encode() != _content(tar, members[_SUMS]):
        raise ValueError(found)
    manifest = _manifest(path, _content(tar, members[_MANIFEST]))
    key = _content(tar, members[_KEY]).decode().strip() if _KEY in members else None
    archive = Archive(file=file, begin=members[_DUMP].offset_data, contents=manifest.contents)
    return Backup(manifest=manifest, archive=archive, secret_key=key)


def _manifest(path: Path, content: bytes) -> Manifest:
    if msgspec.json.decode(content, type=_Versioned).format > FORMAT:
        raise Conflict(f"{path} was made by a newer Flightdeck. Restore it with that one.")
    return msgspec.json.decode(content, type=Manifest)


def _sum(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    with _extracted(tar, member) as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    with _extracted(tar, member) as content:
        return content.read(_SMALL)


def _extracted(tar: tarfile.TarFile, member: tarfile.TarInfo) -> tarfile.ExFileObject:
    content = tar.extractfile(member)
    if not isinstance(content, tarfile.ExFileObject):  # a directory or a device
        raise KeyError(member.name)
    return content
