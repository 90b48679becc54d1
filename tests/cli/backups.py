"""Databases to back up, and all that is in one."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import NullPool, create_engine, make_url

from adapters.postgres.migrate import migrate
from entrypoints.supervisor.binaries import Binaries
from entrypoints.supervisor.leash import Child, Leashed
from entrypoints.supervisor.unprivileged import unprivileged
from tests.http.system import Visitor, settings_for, started
from tests.migrations.catalog import schema
from tests.migrations.databases import new_database
from tests.processes import eventually, free_port

PASSWORD = "unspeakable"
QUESTION = "What does a consultation cost?"
_TABLES = "select tablename from pg_tables where schemaname = 'public' order by 1"
_SEQUENCES = "select sequencename from pg_sequences where schemaname = 'public' order by 1"
_VECTORS = """
create table vectors (number bigint generated always as identity, near vector(3), half halfvec(2), note text);
insert into vectors (near, half, note) values ('[1,2,3]', '[0.5,-1]', e'tab\\t, line\\n, \\\\. and \\\\N'),
  (null, null, null), ('[-0.1,1e-7,0]', null, e'\\\\.'), (null, null, ''), (null, null, 'žluťoučký 🐦');
create index on vectors using hnsw (near vector_cosine_ops);
"""
_FILE = """
insert into blobs values ('00000000-0000-7000-8000-000000000001', (select id from workspaces limit 1), 'kept',
  sha256('\\x00ff0a5c'), 4, 'image/webp', now());
insert into blob_chunks values ('00000000-0000-7000-8000-000000000001', 0, '\\x00ff0a5c');
"""
_NOISE = " || ".join(["md5(random()::text)"] * 10)
_BALLAST = "create table ballast as select number, {noise} as text from generate_series(1, 180000) as number"


def everything(url: str) -> dict[str, object]:
    """Each row of each table, the sequences and the schema; not which workers were present."""
    found: dict[str, object] = {}
    with psycopg.connect(url) as connection:
        for (name,) in connection.execute(_TABLES).fetchall():
            rows = SQL("select t::text from public.{} t order by 1").format(Identifier(name))
            found[name] = [] if name == "workers" else connection.execute(rows).fetchall()
        found |= _sequences(connection)
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        return {**found, **schema(connection)}


def sequences(url: str) -> dict[str, int]:
    """The last number that each sequence gave; they go on by themselves wherever a worker runs."""
    with psycopg.connect(url) as connection:
        return {name: state[0][0] for name, state in _sequences(connection).items()}


def _sequences(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    names = [name for (name,) in connection.execute(_SEQUENCES).fetchall()]
    state = SQL("select last_value, is_called from public.{}")
    return {name: connection.execute(state.format(Identifier(name))).fetchall() for name in names}


def execute(url: str, statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.encode())


@asynccontextmanager
async def lived_in(server: str, redis: str, home: Path) -> AsyncGenerator[str]:
    """A database in which a visitor has had a reply, with vectors and a file."""
    async with new_database(server) as url:
        await asyncio.to_thread(migrate, url)
        async with started(settings_for(url, redis, home), staged=False) as system:
            visitor: Visitor = await system.visitor()
            await visitor.ask(QUESTION)
        await asyncio.to_thread(execute, url, _VECTORS + _FILE)
        yield url


@asynccontextmanager
async def large(server: str) -> AsyncGenerator[str]:
    """A database that takes a while to be read or written."""
    async with new_database(server) as url:
        await asyncio.to_thread(migrate, url)
        await asyncio.to_thread(execute, url, _BALLAST.format(noise=_NOISE))
        yield url


@asynccontextmanager
async def older_server(folder: Path) -> AsyncGenerator[str]:
    """A PostgreSQL of an older major version that is not ours, and asks for a password."""
    programs = Binaries.found().postgres.parents[2] / "pginstall" / "bin"
    data, password, log, port = folder / "data", folder / "password", folder / "log", free_port()
    password.write_text(f"{PASSWORD}\n", encoding="utf-8")
    prefix = await unprivileged(programs / "postgres", data)

    async def child(program: str, *arguments: str) -> Leashed:
        command = (*prefix, str(programs / program), "-D", str(data), *arguments)
        return await Leashed.start(
            Child(name=program, command=command, log=log, cwd=Path("/"), stop_signal=signal.SIGINT)
        )

    access = ("-U", "flightdeck", "--auth=scram-sha-256", f"--pwfile={password}")
    initdb = await child("initdb", *access, "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
    assert await initdb.wait() == 0, log.read_text(encoding="utf-8")
    settings = (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
    server = await child("postgres", *(word for setting in settings for word in ("-c", setting)))
    try:
        url = f"postgresql://flightdeck:{PASSWORD}@127.0.0.1:{port}/postgres"
        await asyncio.to_thread(eventually, lambda: _answers(url))
        yield url
    finally:
        await server.stop()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
