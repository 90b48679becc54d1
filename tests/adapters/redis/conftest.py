import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.redis.connection import RedisConnection
from entrypoints.supervisor.binaries import Binaries, available
from entrypoints.supervisor.leash import Leashed
from entrypoints.supervisor.valkey import Valkey

DEADLINE = 20.0  # seconds, for what takes a fraction of one
PATIENCE = 20.0  # seconds for a command, where the test is not about the adapter's own patience


class Server:
    """A Valkey to be killed, frozen and started again; it keeps what it was told."""

    def __init__(self, home: Path) -> None:
        self._valkey = Valkey(program=Binaries.found().valkey, home=home, sockets=home, durable=False)
        self._running: Leashed | None = None

    @property
    def url(self) -> str:
        return self._valkey.url

    async def start(self) -> None:
        self._running = await Leashed.start(self._valkey.server())
        async with asyncio.timeout(DEADLINE):
            while not await self._valkey.ready(self._running):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.005)

    async def kill(self) -> None:
        assert self._running
        self._running.kill()
        await self._running.wait()

    def freeze(self) -> None:
        assert self._running
        os.kill(self._running.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._running
        os.kill(self._running.pid, signal.SIGCONT)

    async def stop(self) -> None:
        if self._running and not self._running.ended:
            await self.kill()


@asynccontextmanager
async def started() -> AsyncGenerator[Server]:
    home = Path(tempfile.mkdtemp(prefix="fd-"))  # short: a socket's path has 107 bytes at most
    for folder in ("valkey", "logs"):
        (home / folder).mkdir()
    server = Server(home)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
        shutil.rmtree(home)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server of the test's own."""
    if not available():
        pytest.skip("needs the embedded server, to kill it")
    async with started() as own:
        yield own


@pytest.fixture
async def connection(redis_address: str) -> AsyncIterator[RedisConnection]:
    """To the shared server, apart from all others."""
    async with RedisConnection(redis_address, namespace=uuid4().hex) as opened:
        yield opened


@pytest.fixture
async def own_connection(server: Server) -> AsyncIterator[RedisConnection]:
    """To the test's own server."""
    async with RedisConnection(server.url) as opened:
        yield opened


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.005)
