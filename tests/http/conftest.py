from collections.abc import AsyncIterator, Generator

import pytest
from redis.asyncio import Redis

from entrypoints.supervisor.embedded import Urls
from tests.databases import new_database
from tests.http.system import Member, System, settings_for, started
from tests.planted import PLANTED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test during which a secret was answered or logged where it does not belong has failed."""
    return PLANTED.judged((yield))


@pytest.fixture(scope="session")
async def database_url(servers: Urls) -> AsyncIterator[str]:
    """A database of this folder alone: its workers would take the jobs of other tests."""
    async with new_database(servers) as url:
        yield url


@pytest.fixture(scope="session")
async def system(database_url: str, servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """One instance for all tests of the folder; each makes its own conversations, and leaves the rest as it was."""
    async with started(settings_for(database_url, servers.redis, tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.fixture
async def member(system: System) -> Member:
    """A new user with a workspace of their own."""
    return await system.member()


@pytest.fixture
async def servers_redis(servers: Urls) -> AsyncIterator[Redis]:
    """A connection to the Redis behind the instance."""
    async with Redis.from_url(servers.redis) as redis:  # pyright: ignore[reportUnknownMemberType]
        yield redis
