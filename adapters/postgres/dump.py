import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection, IsolationLevel
from psycopg.sql import SQL, Identifier

from adapters.postgres.refusals import told
from adapters.postgres.tools import connecting, fitting, last_line, major
from domain.errors import Conflict, Unavailable

_OPTIONS = ("--format=custom", "--schema=public", "--no-owner", "--no-privileges", "--no-password")
_LOCKS = "--lock-wait-timeout=30s"
_CHUNK = 256 * 1024  # bytes
_PATIENCE = 5  # seconds for one connection
_TABLES = """
select o.relname from pg_class o
where o.relnamespace = 'public'::regnamespace and o.relkind in ('r', 'p') and not o.relispartition
  and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = o.oid and deptype = 'e')
order by o.relname
"""
_VERSIONS = "select version_num from public.alembic_version order by version_num"
_SNAPSHOT = "select pg_export_snapshot()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a dump holds.

    Attributes:
        schema: the schema's versions.
        rows: of each table, how many.
        server: PostgreSQL's major version it was taken from.
        program: the major version of the `pg_dump` that took it, which is the oldest `pg_restore` that reads it.
    """

    schema: tuple[str, ...]
    rows: Mapping[str, int]
    server: int
    program: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """A dump being taken: what it will hold, and its bytes in the custom format of `pg_dump`."""

    contents: Contents
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def dumping(url: str, folders: Sequence[Path]) -> AsyncGenerator[Dump]:
    """A dump of the database as it is at this moment, whatever is written meanwhile.

    `folders` have PostgreSQL's programs in them, without TLS; others are found as a shell finds them.

    Raises:
        Conflict: there is nothing of Flightdeck in the database.
        Unavailable: the server does not answer or refuses, no `pg_dump` fits it, or that fails (while chunks are read).
    """
    with told():
        async with await AsyncConnection.connect(url, connect_timeout=_PATIENCE) as connection:
            tls = connection.pgconn.ssl_in_use
            server = connection.info.server_version // 10_000
            program = await asyncio.to_thread(fitting, "pg_dump", () if tls else folders, server)
            contents = await _contents(connection, server, await asyncio.to_thread(major, program))
            ((snapshot,),) = await _rows(connection, _SNAPSHOT)
            command = (str(program), *_OPTIONS, _LOCKS, f"--snapshot={snapshot}")
            yield Dump(contents=contents, chunks=_output(command, connecting(url, tls=tls)))


async def _contents(connection: AsyncConnection[Any], server: int, program: int) -> Contents:
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await connection.set_read_only(True)
    # The snapshot lives as long as this transaction, which waits for the dump, however long that takes.
    await connection.execute("set local idle_in_transaction_session_timeout = 0")
    await connection.execute("set local statement_timeout = 0")
    tables = [name for (name,) in await _rows(connection, _TABLES)]
    if "alembic_version" not in tables:
        raise Conflict("There is nothing to back up: the database has no tables of Flightdeck in its schema 'public'.")
    schema = tuple(version for (version,) in await _rows(connection, _VERSIONS))
    rows = {table: await _count(connection, table) for table in tables}
    return Contents(schema=schema, rows=rows, server=server, program=program)


async def _count(connection: AsyncConnection[Any], table: str) -> int:
    counted = await connection.execute(SQL("select count(*) from public.{}").format(Identifier(table)))
    row: tuple[int] | None = await counted.fetchone()
    return row[0] if row else 0


async def _rows(connection: AsyncConnection[Any], statement: str) -> list[tuple[Any, ...]]:
    return await (await connection.execute(statement.encode())).fetchall()


async def _output(command: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[bytes]:
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, limit=_CHUNK
    )
    assert process.stdout  # noqa: S101 (it is a pipe)
    assert process.stderr  # noqa: S101 (the same)
    complaint = asyncio.ensure_future(process.stderr.read())
    try:
        while chunk := await process.stdout.read(_CHUNK):
            yield chunk
        if await process.wait():
            raise Unavailable(f"pg_dump failed: {last_line(await complaint)}.")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await complaint
