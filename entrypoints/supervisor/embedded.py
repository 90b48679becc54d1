import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from entrypoints.supervisor.binaries import Binaries
from entrypoints.supervisor.errors import CannotStart
from entrypoints.supervisor.home import Home
from entrypoints.supervisor.keep import keep
from entrypoints.supervisor.leash import Child, Leashed, last_words
from entrypoints.supervisor.postgres import Postgres
from entrypoints.supervisor.unprivileged import unprivileged
from entrypoints.supervisor.valkey import Valkey

_POLL = 0.005  # seconds
_START_LIMIT = 120.0  # seconds: a large database recovers from a crash meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """Where the servers are: `database` for libpq, `redis` for redis-py."""

    database: str
    redis: str


class EmbeddedServers:
    """PostgreSQL and Valkey of our own in a home, for as long as the `async with` block runs.

    Both take connections when it begins, and are started again when they die within it. They end, cleanly, with the
    block, and also when this process ends in any other way. Not `durable` is for tests: faster, and safe against the
    death of every process but not of the machine.

    Raises:
        CannotStart: no programs for this platform, the home is still in use after `patience` seconds, or a server
            does not start.
    """

    def __init__(self, home: Path, *, durable: bool = True, patience: float = 6.0) -> None:
        self._home = Home(home)
        self._durable = durable
        self._patience = patience
        self._stack = AsyncExitStack()
        self._keepers: list[asyncio.Task[int]] = []
        self._lock: int | None = None

    async def __aenter__(self) -> Urls:
        binaries = Binaries.found()
        async with self._stack:
            self._lock = await self._stack.enter_async_context(self._home.lock(patience=self._patience))
            sockets = self._stack.enter_context(self._home.sockets())
            self._stack.push_async_callback(self._stop)
            urls = await self._start(binaries, sockets)
            self._stack = self._stack.pop_all()
        return urls

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    @property
    def lock(self) -> int | None:
        """The home's lock while the servers run: a child that inherits it keeps others out of the home, as they do."""
        return self._lock

    async def _start(self, binaries: Binaries, sockets: Path) -> Urls:
        home, durable = self._home.path, self._durable
        prefix = await unprivileged(binaries.postgres, home / "postgres")
        postgres = Postgres(
            programs=binaries.postgres.parent, prefix=prefix, home=home, sockets=sockets, durable=durable
        )
        valkey = Valkey(program=binaries.valkey, home=home, sockets=sockets, durable=durable)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._start_postgres(postgres))
                both.create_task(self._start_valkey(valkey))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return Urls(database=postgres.url, redis=valkey.url)

    async def _start_postgres(self, postgres: Postgres) -> None:
        await postgres.make_cluster(self._lock)
        await self._start_server(postgres.server(), postgres.ready)

    async def _start_valkey(self, valkey: Valkey) -> None:
        self._home.folder("valkey")
        await self._start_server(valkey.server(), valkey.ready)

    async def _start_server(self, server: Child, ready: Callable[[Leashed], Awaitable[bool]]) -> None:
        running = await Leashed.start(server, lock=self._lock)
        try:
            await _until_ready(server, running, ready)
        except BaseException:
            await running.stop()
            raise
        self._keepers.append(asyncio.create_task(keep(server, running=running, lock=self._lock)))

    async def _stop(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._keepers.clear()


async def _until_ready(server: Child, running: Leashed, ready: Callable[[Leashed], Awaitable[bool]]) -> None:
    try:
        async with asyncio.timeout(_START_LIMIT):
            while not await ready(running):
                if running.ended:
                    raise CannotStart(f"{server.name} ended while starting: {last_words(server)}")
                await asyncio.sleep(_POLL)
    except TimeoutError as error:
        raise CannotStart(f"{server.name} was not ready after {_START_LIMIT:g} s: {last_words(server)}") from error
