from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.supervisor.embedded import Urls
from tests.planted import Planted
from tests.processes import Instance, environment, up


@pytest.fixture(scope="package")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """`flightdeck up` as a newcomer starts it, on an empty home."""
    with up(tmp_path_factory.mktemp("cli")) as running:
        yield running
        planted = Planted(*((running.home / name).read_text().strip() for name in ("owner-token", "secret-key")))
        planted.look_at_logs(running.said.read_text(encoding="utf-8"), "what it said")
        assert planted.take() == []


@pytest.fixture
def beside(instance: Instance) -> dict[str, str]:
    """The environment of a second terminal in the same directory."""
    return environment(instance.home, PORT=str(instance.port))


@pytest.fixture
def external(tmp_path: Path, database_url: str, servers: Urls) -> dict[str, str]:
    """The environment of one who has servers of their own."""
    return environment(tmp_path / "home", DATABASE_URL=database_url, REDIS_URL=servers.redis)
