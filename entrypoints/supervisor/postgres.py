import asyncio
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from entrypoints.supervisor.errors import CannotStart
from entrypoints.supervisor.leash import Child, Leashed, last_words

_ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}  # the caller's locale must not matter
_DATABASE = _USER = "flightdeck"
_READY_LINE = 7  # of postmaster.pid, counted from 0: the state, as pg_ctl reads it


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """How to run PostgreSQL in `home/postgres`, on a unix socket in `sockets` and on no TCP port.

    `prefix` is put before its programs (see `unprivileged`). Not `durable` is for tests: a crash of the machine, and
    only of the machine, loses data.
    """

    programs: Path
    prefix: tuple[str, ...]
    home: Path
    sockets: Path
    durable: bool = True

    @property
    def url(self) -> str:
        """For libpq and whatever takes its addresses."""
        return f"postgresql://{_USER}@/{_DATABASE}?host={self.sockets}"

    @property
    def log(self) -> Path:
        """Where its output goes; no statement and no value is logged."""
        return self.home / "logs" / "postgres.log"

    async def make_cluster(self, lock: int | None) -> None:
        """Make the data directory when there is none yet; what a killed first start left is begun again.

        Raises:
            CannotStart: initdb failed.
        """
        if self._data.exists():
            return
        draft = self._data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        initdb = self._initdb(draft)
        if await _finished(initdb, lock) != 0:
            raise CannotStart(f"PostgreSQL could not make its data directory {self._data}: {last_words(initdb)}")
        draft.rename(self._data)

    def server(self) -> Child:
        """The server; SIGINT is its fast shutdown, which ends open sessions and leaves clean files."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "max_connections": "100",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            "log_min_messages": "log",  # an error of a statement is its client's to tell, and its text nobody's
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            **({} if self.durable else {"fsync": "off", "full_page_writes": "off"}),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return self._child("postgres", "postgres", "-D", str(self._data), *options)

    async def ready(self, server: Leashed) -> bool:
        """Whether the server takes connections; the first time it does, the database is made if it is missing."""
        if not self._says_ready(server.pid):
            return False
        try:
            await self._make_database()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def _data(self) -> Path:
        return self.home / "postgres"

    def _initdb(self, data: Path) -> Child:
        # The character type is C.UTF-8, not C: full text search knows the punctuation of Unicode by it.
        ctype = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        locale = ("--encoding=UTF8", "--locale=C", f"--lc-ctype={ctype}")
        builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        access = (f"--username={_USER}", "--auth-local=trust", "--auth-host=reject")
        speed = () if self.durable else ("--no-sync",)
        return self._child("initdb", "initdb", "-D", str(data), "--no-instructions", *locale, *builtin, *access, *speed)

    def _child(self, name: str, program: str, *arguments: str) -> Child:
        return Child(
            name=name,
            command=(*self.prefix, str(self.programs / program), *arguments),
            env=_ENVIRONMENT,
            stop_signal=signal.SIGINT,
            patience=10.0,
            log=self.log,
            cwd=Path("/"),
        )

    def _says_ready(self, pid: int) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > _READY_LINE and lines[0] == str(pid) and lines[_READY_LINE].strip() == "ready"

    async def _make_database(self) -> None:
        address = f"host={self.sockets} user={_USER} dbname=postgres"
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            found = await connection.execute("select from pg_database where datname = %s", [_DATABASE])
            if found.rowcount == 0:
                await connection.execute(f"create database {_DATABASE}")


async def _finished(child: Child, lock: int | None) -> int:
    running = await Leashed.start(child, lock=lock)
    try:
        return await running.wait()
    except asyncio.CancelledError:
        await running.stop()
        raise
