"""Databases for tests, on the servers that all tests share."""

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

from adapters.postgres.migrate import migrate
from entrypoints.supervisor.embedded import Urls


@asynccontextmanager
async def new_database(servers: Urls) -> AsyncGenerator[str]:
    """The address of a new database, migrated, which is gone after the block."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    async with await psycopg.AsyncConnection.connect(servers.database, autocommit=True) as connection:
        await connection.execute(f'create database "{name}"')  # pyright: ignore[reportArgumentType, reportCallIssue]
        try:
            url = _of_database(servers.database, name)
            migrate(url)
            yield url
        finally:
            await connection.execute(f'drop database "{name}" with (force)')  # pyright: ignore[reportArgumentType, reportCallIssue]


def _of_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
