from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import Connection, NullPool, create_engine, make_url

from entrypoints.supervisor.embedded import Urls
from tests.migrations.databases import new_database


@pytest.fixture
async def empty_database_url(servers: Urls) -> AsyncIterator[str]:
    async with new_database(servers.database) as url:
        yield url


@pytest.fixture
def connection(empty_database_url: str) -> Iterator[Connection]:
    """To an empty database."""
    engine = create_engine(make_url(empty_database_url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def migrated(database_url: str) -> Iterator[Connection]:
    """To the shared, migrated database; nothing is committed there."""
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
