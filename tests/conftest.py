"""The servers all tests share: embedded ones, or those that DATABASE_URL and REDIS_URL name."""

import gc
import os
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from entrypoints.supervisor.embedded import EmbeddedServers, Urls
from tests.databases import new_database

pytest.register_assert_rewrite("tests.contracts")  # so that a broken promise says what it compared

settings.register_profile("soak", max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
settings.load_profile("ci")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All modules are imported without the collector, which leaves them out later: a quarter of the time of this."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


_TESTS = Path(__file__).parent
_PROCESSES = frozenset({"benchmarks", "browser", "cli", "fuzz", "supervisor", "survival"})
"""What starts processes of its own, and is disturbed by others that do so at the same time."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several run the tests, one of them has all with processes, which come first, and a file stays together."""
    alone = {item: item.path.relative_to(_TESTS).parts[0] in _PROCESSES for item in items}
    for item in items:
        group = "processes" if alone[item] else str(item.path.relative_to(_TESTS))
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: not alone[item])


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Urls]:
    """A PostgreSQL and a Redis for this run."""
    given = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if given[0] and given[1]:
        yield Urls(database=given[0], redis=given[1])
        return
    async with EmbeddedServers(tmp_path_factory.mktemp("servers") / "home", durable=False) as urls:
        yield urls


@pytest.fixture(scope="session")
def redis_address(servers: Urls) -> str:
    """The shared Redis: tests keep apart by namespaces or ids."""
    return servers.redis


@pytest.fixture(scope="session")
async def database_url(servers: Urls) -> AsyncIterator[str]:
    """A database of this run, migrated."""
    async with new_database(servers) as url:
        yield url
