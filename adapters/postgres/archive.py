"""A dump as `pg_dump` writes it, put into a database over a connection of ours.

`pg_restore` only turns it into SQL: it connects to nothing, so that what it restores can be one transaction with what
comes before and after, over whatever connection we have.
"""

import os
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg

from adapters.postgres.dump import Contents
from adapters.postgres.tools import last_line, plain
from domain.errors import Unavailable

_OPTIONS = ("--format=custom", "--file=-", "--schema=public", "--no-owner", "--no-privileges")
_FOR_PSQL = (b"\\restrict ", b"\\unrestrict ")
_NEW_SETTING = b"SET transaction_timeout = 0;\n"
_NEW_IN = 170_000  # servers before do not know it
_BATCH = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A dump within a file that is open for reading: the byte it begins at, and what it holds."""

    file: IO[bytes]
    begin: int
    contents: Contents


def fill(connection: psycopg.Connection[Any], program: Path, archive: Archive) -> None:
    """The archive's tables with their rows, and then their keys and indexes; settings of the session are changed.

    Raises:
        Unavailable: `pg_restore` cannot read the archive.
        psycopg.Error: the server refuses a statement or a row.
    """
    _run(connection, program, archive, "pre-data")
    with _section(program, archive, "data") as lines:
        for line in _known(connection, lines):
            if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
                _copy(connection, line, lines)
            elif line.strip() and not line.startswith(b"--"):
                connection.execute(line)
    _run(connection, program, archive, "post-data")


def _run(connection: psycopg.Connection[Any], program: Path, archive: Archive, name: str) -> None:
    with _section(program, archive, name) as lines:
        connection.execute(b"".join(_known(connection, lines)))


def _known(connection: psycopg.Connection[Any], lines: Iterator[bytes]) -> Iterator[bytes]:
    left_out = _FOR_PSQL if connection.info.server_version >= _NEW_IN else (*_FOR_PSQL, _NEW_SETTING)
    return (line for line in lines if not line.startswith(left_out))


def _copy(connection: psycopg.Connection[Any], statement: bytes, lines: Iterator[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in _batches(lines):
            copy.write(batch)


def _batches(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The rows up to the line that ends them, which no row looks like: a backslash in a value is written twice."""
    batch = bytearray()
    for line in lines:
        if line == b"\\.\n":
            yield bytes(batch)
            return
        batch += line
        if len(batch) > _BATCH:
            yield bytes(batch)
            batch.clear()
    raise Unavailable("pg_restore ended in the middle of a table.")


@contextmanager
def _section(program: Path, archive: Archive, name: str) -> Generator[Iterator[bytes]]:
    command = (str(program), f"--section={name}", *_OPTIONS)
    os.lseek(archive.file.fileno(), archive.begin, os.SEEK_SET)
    with (
        tempfile.TemporaryFile() as complaint,  # a pipe that nobody reads would fill
        subprocess.Popen(command, env=plain(), stdin=archive.file, stdout=subprocess.PIPE, stderr=complaint) as process,  # noqa: S603 (PostgreSQL's)
    ):
        assert process.stdout  # noqa: S101 (it is a pipe)
        try:
            yield iter(process.stdout)
        except BaseException:
            process.kill()
            raise
        if process.wait():
            complaint.seek(0)
            raise Unavailable(f"pg_restore failed: {last_line(complaint.read())}.")
