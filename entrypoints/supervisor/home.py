import asyncio
import fcntl
import hashlib
import os
import re
import stat
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from entrypoints.supervisor.errors import CannotStart
from entrypoints.supervisor.keep import say

# A socket's address holds 104 bytes on macOS and 108 on Linux; the name in it is at most 14 long. The characters are
# those that need no quoting in a URL or in PostgreSQL's list of directories.
_SOCKETS_LIMIT = 85
_PLAIN = re.compile(r"[A-Za-z0-9/_.-]+")
_LINK_NAME = 16
_POLL = 0.02  # seconds
_PATIENCE_UNTOLD = 1.0  # seconds of waiting for the lock before saying so


class Home:
    """The data directory of one Flightdeck: servers' files, logs, sockets, secrets. Made with mode 0700."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def folder(self, name: str) -> Path:
        """A directory in the home that only its owner may enter, made when missing.

        Raises:
            CannotStart: it cannot be made.
        """
        folder = self.path / name
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise CannotStart(f"Cannot use the data directory {self.path}: {error}. Set FLIGHTDECK_HOME.") from error
        return folder

    @asynccontextmanager
    async def lock(self, *, patience: float = 6.0) -> AsyncGenerator[int]:
        """Hold the home for ourselves and for every process that inherits the descriptor given.

        So it is free exactly when the last of them has ended: after a kill, a next start waits instead of racing.

        Raises:
            CannotStart: others still hold it after `patience` seconds.
        """
        self.folder("logs")
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            await self._acquire(descriptor, patience)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            yield descriptor
        finally:
            os.close(descriptor)

    async def _acquire(self, descriptor: int, patience: float) -> None:
        started = time.monotonic()
        told = False
        while not _locked(descriptor):
            waited = time.monotonic() - started
            holder = os.pread(descriptor, 20, 0).decode() or "unknown"
            if waited > patience:
                raise CannotStart(
                    f"{self.path} is in use by another Flightdeck (process {holder}). "
                    "Stop that one, or set FLIGHTDECK_HOME to another directory."
                )
            if waited > _PATIENCE_UNTOLD and not told:
                told = True
                say(f"waiting for the Flightdeck in {self.path} (process {holder}) to end")
            await asyncio.sleep(_POLL)

    @contextmanager
    def sockets(self) -> Generator[Path]:
        """The directory for sockets: `run` in the home, or a link to it that is short and plain enough for addresses.

        Raises:
            CannotStart: the place of such links was taken by someone else.
        """
        run = self.folder("run")
        if _addressable(run):
            yield run
            return
        link = _link_to(run)
        try:
            yield link
        finally:
            link.unlink(missing_ok=True)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _addressable(path: Path) -> bool:
    return len(os.fsencode(path)) <= _SOCKETS_LIMIT and _PLAIN.fullmatch(str(path)) is not None


def _link_to(folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:_LINK_NAME]
    link = _own_temporary_folder() / name
    link.unlink(missing_ok=True)
    link.symlink_to(folder)
    return link


def _own_temporary_folder() -> Path:
    """A directory in the system's temporary one where nobody else can place a link or a socket for us to trust."""
    own = Path(tempfile.gettempdir()) / f"flightdeck-{os.getuid()}"
    if not _addressable(own / ("x" * _LINK_NAME)):
        own = Path("/tmp", own.name)  # noqa: S108 - checked below
    own.mkdir(mode=0o700, exist_ok=True)
    found = own.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise CannotStart(f"{own} is not a directory of ours alone. Remove it, or set FLIGHTDECK_HOME to a short path.")
    return own


def secret_file(path: Path, make: Callable[[], str]) -> str:
    """What the file holds, stripped; when it is missing, it is first made with mode 0600, whole or not at all.

    Of several processes that make it at once one wins, and all return its content.

    Raises:
        CannotStart: it can be neither read nor made.
    """
    try:
        with suppress(FileNotFoundError):
            return path.read_text(encoding="utf-8").strip()
        _make_secret(path, make)
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"Cannot use {path}: {error}. Set FLIGHTDECK_HOME to a directory of ours.") from error


def _make_secret(path: Path, make: Callable[[], str]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{make()}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
