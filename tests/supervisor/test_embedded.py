import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import RedisError

from entrypoints.supervisor.embedded import EmbeddedServers, Urls
from entrypoints.supervisor.errors import CannotStart
from tests.supervisor.conftest import DEADLINE, ROOT

Answer = TypeVar("Answer")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Urls]:
    async with EmbeddedServers(tmp_path_factory.mktemp("servers") / "home", durable=False) as urls:
        yield urls


def server(name: str, urls: Urls) -> psutil.Process:
    sockets = urls.redis.removeprefix("unix://").removesuffix("/valkey.sock")
    [found] = [
        child
        for child in psutil.Process().children()
        if child.name() == name and any(sockets in word for word in child.cmdline())
    ]
    return found


async def setting(urls: Urls, name: str) -> str:
    async with await psycopg.AsyncConnection.connect(urls.database) as connection:
        found = await connection.execute("select current_setting(%s)", [name])
        row = await found.fetchone()
    assert row
    return str(row[0])


async def recorded(urls: Urls) -> list[str]:
    """The words in a table of ours, after one more was written."""
    async with await psycopg.AsyncConnection.connect(urls.database, autocommit=True) as connection:
        await connection.execute("create table if not exists words (word text not null)")
        await connection.execute("insert into words values ('another')")
        found = await connection.execute("select word from words")
        return [row[0] for row in await found.fetchall()]


async def counted(urls: Urls) -> int:
    async with Redis(unix_socket_path=urls.redis.removeprefix("unix://")) as client:
        return int(await client.incr("count"))


async def persistently(ask: Callable[[Urls], Awaitable[Answer]], urls: Urls) -> Answer:
    """The answer, asking again while the server is away."""
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                return await ask(urls)
            except (psycopg.OperationalError, RedisError):
                await asyncio.sleep(0.01)


async def test_the_servers_listen_on_no_network(servers: Urls) -> None:
    for name in ("postgres", "valkey-server"):
        assert server(name, servers).net_connections("inet") == []


async def test_sessions_are_in_utc_and_text_is_unicode(servers: Urls) -> None:
    assert await setting(servers, "TimeZone") == "UTC"
    assert await setting(servers, "server_encoding") == "UTF8"


async def test_vectors_are_available(servers: Urls) -> None:
    async with await psycopg.AsyncConnection.connect(servers.database, autocommit=True) as connection:
        await connection.execute("create extension vector")
        found = await connection.execute("select '[1,2]'::vector <-> '[1,4]'::vector")
        assert await found.fetchone() == (2.0,)


async def test_full_text_search_knows_the_punctuation_of_unicode(servers: Urls) -> None:
    async with await psycopg.AsyncConnection.connect(servers.database) as connection:
        found = await connection.execute("select to_tsvector('simple', 'ÄRGER—“naïve”')")
        assert await found.fetchone() == ("'naïve':2 'ärger':1",)


async def test_a_killed_postgres_is_started_again_with_its_data(
    servers: Urls, capfd: pytest.CaptureFixture[str]
) -> None:
    before = await recorded(servers)

    server("postgres", servers).kill()

    assert len(await persistently(recorded, servers)) > len(before)
    assert "postgres ended with signal 9: starting it again in 0.1 s\n" in capfd.readouterr().err


async def test_a_killed_valkey_is_started_again_with_its_data(servers: Urls, capfd: pytest.CaptureFixture[str]) -> None:
    before = await counted(servers)

    server("valkey-server", servers).kill()

    assert await persistently(counted, servers) == before + 1
    assert "valkey ended with signal 9: starting it again in 0.1 s\n" in capfd.readouterr().err


async def test_data_survives_a_restart(tmp_path: Path) -> None:
    async with EmbeddedServers(tmp_path / "home") as urls:
        assert (len(await recorded(urls)), await counted(urls)) == (1, 1)

    async with EmbeddedServers(tmp_path / "home") as urls:
        assert (len(await recorded(urls)), await counted(urls)) == (2, 2)


async def test_a_home_may_have_a_long_and_odd_path_and_a_neighbour(tmp_path: Path, servers: Urls) -> None:
    home = tmp_path / "an odd, 'quoted' \"näme\"" / ("x" * 120) / "home"

    async with EmbeddedServers(home, durable=False) as urls:
        link = Path(urls.redis.removeprefix("unix://")).parent
        assert link.resolve() == home / "run"
        assert await recorded(urls) == ["another"]
        assert await counted(urls) == 1
        assert await counted(servers) >= 1

    assert not link.is_symlink()


async def test_a_server_that_cannot_start_is_reported_with_its_last_words_and_the_other_is_stopped(
    tmp_path: Path,
) -> None:
    (tmp_path / "home/postgres").mkdir(parents=True)

    with pytest.raises(CannotStart, match=r"postgres ended while starting: .* \(see .*/home/logs/postgres.log\)"):
        await EmbeddedServers(tmp_path / "home").__aenter__()

    assert not [child for child in psutil.Process().children() if str(tmp_path) in " ".join(child.cmdline())]


def test_without_the_wheels_the_two_addresses_to_set_are_named() -> None:
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import entrypoints.supervisor.binaries as found"
    isolated = [sys.executable, "-I", "-S", "-c", f"{script}; print(found.available()); found.Binaries.found()"]

    ended = subprocess.run(isolated, capture_output=True, text=True, check=False)  # noqa: S603 - a command of ours

    assert ended.stdout == "False\n"
    assert "Set DATABASE_URL and REDIS_URL to servers of your own" in ended.stderr
