import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url


@asynccontextmanager
async def new_database(server_url: str) -> AsyncGenerator[str, None]:
    """An empty database on the server, for as long as the block runs."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    async with await psycopg.AsyncConnection.connect(server_url, autocommit=True) as connection:
        await connection.execute(SQL("create database {}").format(Identifier(name)))
        try:
            yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            await connection.execute(SQL("drop database {} with (force)").format(Identifier(name)))
