"""The servers all tests share: embedded ones, or those that DATABASE_URL and REDIS_URL name."""

import gc
import os
from collections import Counter
from collections.abc import AsyncIterator, Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from typing_extensions import override
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]

from entrypoints.supervisor.embedded import EmbeddedServers, Urls
from tests.databases import new_database
from tests.soak import SOAK

pytest.register_assert_rewrite("tests.contracts")  # so that a broken promise says what it compared

settings.register_profile("soak", max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    print_blob=True,  # as what else is imported has a say in the examples
    suppress_health_check=list(HealthCheck),
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


_PROCESSES = frozenset({"benchmarks", "browser", "cli", "fuzz", "supervisor", "survival"})
"""What starts processes of its own, and is disturbed by others that do so at the same time."""
_KILLS = "test_random_kills.py"
"""Takes far longer than all other processes in `make soak`, and is put off by none."""
_RECALL = "test_recall.py"
"""Takes ten minutes for each large case of its grid there, none of which has to do with another."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest to be through with comes first."""
    items.sort(key=lambda item: not _is_apart(item.nodeid))


class _Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Where several run the tests, one has all that start processes, one the nonsense; other files stay together."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        if SOAK and _RECALL in nodeid:
            return nodeid
        if not _is_apart(nodeid):
            return str(super()._split_scope(nodeid))
        if SOAK and _KILLS in nodeid:
            return "kills"
        return "fuzz" if _folder(nodeid) == "fuzz" else "processes"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Scheduling:
    """Instead of `--dist`, whose groups go by names of tests that this pytest does not let it change."""
    return _Scheduling(config, log)


def _is_apart(nodeid: str) -> bool:
    return _folder(nodeid) in _PROCESSES


def _folder(nodeid: str) -> str:
    return nodeid.split("/", 2)[1]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what the tests of survival killed; here, as who prints it runs no tests where several do."""
    killed = Counter[str]()
    for report in {id(each): each for reports in terminalreporter.stats.values() for each in reports}.values():
        if getattr(report, "when", None) == "teardown":
            killed.update({name: count for name, count in report.user_properties if name.startswith("killed ")})
    for place, count in sorted(killed.items()):
        terminalreporter.write_line(f"{place}: {count}")


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
