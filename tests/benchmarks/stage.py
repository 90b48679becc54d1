"""What all groups run on: one PostgreSQL and one Valkey, the processes measured, and the one that asks them."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil

from entrypoints.cli.first_start import make_ready
from entrypoints.container import Container, running
from entrypoints.settings import Settings
from entrypoints.supervisor.leash import Child, Leashed
from tests.benchmarks.scale import Scale
from tests.http.system import KEY, settings_for
from tests.processes import FLIGHTDECK, environment, free_port

READY_SECONDS = 30.0
ASKING_SECONDS = 240.0
NOTHING: Mapping[str, str] = MappingProxyType({})


class Failed(Exception):
    """A process of the benchmark ended, or answered what it should not."""


@dataclass(frozen=True, slots=True)
class Served:
    """A process that answers on a port of 127.0.0.1."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """What the process has used of the processor."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The servers' addresses, and what is in the database.

    Attributes:
        folder: for the logs and homes of the processes.
        container: over the same database, to fill it.
        token: the owner's.
    """

    scale: Scale
    settings: Settings
    folder: Path
    container: Container
    token: str

    @property
    def database_url(self) -> str:
        return str(self.settings.database_url)

    @property
    def compiled(self) -> Mapping[str, str]:
        """Variables by which processes find their modules compiled after the warm-up, whatever was set here."""
        prefix = str(self.folder / "compiled")
        return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": prefix} if self.scale.warm_ups else {}

    @property
    def redis_url(self) -> str:
        return str(self.settings.redis_url)

    @asynccontextmanager
    async def ours(self, command: tuple[str, ...] = (*FLIGHTDECK, "serve"), **more: str) -> AsyncGenerator[Served]:
        """`flightdeck serve` as in production, without limits; `more` are settings."""
        port = free_port()
        settings = {"PORT": str(port), "LOG_LEVEL": "info", "LOG_FORMAT": "json", "LIMIT_STREAMS": "0"}
        async with self.process("serve", command, settings | more) as child:
            yield await _answering(child, port, "/healthz")

    @asynccontextmanager
    async def floor(self) -> AsyncGenerator[Served]:
        """The bare Litestar application."""
        port = free_port()
        async with self.process("floor", module("floor", str(port), self.database_url)) as child:
            yield await _answering(child, port, "/")

    @asynccontextmanager
    async def process(
        self,
        name: str,
        command: tuple[str, ...],
        more: Mapping[str, str] = NOTHING,
        *,
        env: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Leashed]:
        """A process that ends with the block, and with us however we end; what it says is in `said(name)`.

        Its environment is that of our processes on these servers, with `more`, unless `env` replaces it.
        """
        self.said(name).unlink(missing_ok=True)
        env = self.environment(**more) if env is None else env
        child = Child(name=name, command=command, env=env, cwd=self.folder, log=self.said(name))
        running_child = await Leashed.start(child)
        try:
            yield running_child
        finally:
            await running_child.stop()

    def said(self, name: str) -> Path:
        """What the process of this name says."""
        return self.folder / f"{name}.log"

    def environment(self, **more: str) -> dict[str, str]:
        """For processes of ours on these servers."""
        return environment(
            self.settings.flightdeck_home,
            DATABASE_URL=self.database_url,
            REDIS_URL=self.redis_url,
            SECRET_KEY=KEY,
            LIMIT_PUBLIC_WRITES="0",
            LIMIT_CONVERSATION="0",
            LIMIT_READS="0",
            PYTHONUNBUFFERED="1",
            **more,
        )

    async def ask(self, kind: str, **given: Any) -> Any:
        """What the asking process, `tests.benchmarks.asking`, measured."""
        return await self.tell("asking", kind, **given)

    async def tell(self, name: str, kind: str, **given: Any) -> Any:
        """What a process of its own, `tests.benchmarks.<name>`, answers when it is asked this."""
        process = await asyncio.create_subprocess_exec(
            *module(name),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment(),
            cwd=self.folder,
        )
        try:
            async with asyncio.timeout(ASKING_SECONDS):
                out, err = await process.communicate(json.dumps({"kind": kind, **given}).encode())
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if process.returncode:
            raise Failed(f"{name} {kind}: {err.decode()[-2000:]}")
        return json.loads(out)


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module of this package."""
    return (sys.executable, "-m", f"tests.benchmarks.{name}", *arguments)


@asynccontextmanager
async def staged(scale: Scale, database_url: str, redis_url: str, folder: Path) -> AsyncGenerator[Stage]:
    """The stage over these servers, in whose database is nothing but an owner."""
    settings = settings_for(database_url, redis_url, folder / "home")
    (folder / "home").mkdir(exist_ok=True)
    async with running(settings) as container:
        await make_ready(container, settings)
        token = (settings.flightdeck_home / "owner-token").read_text(encoding="utf-8").strip()
        yield Stage(scale=scale, settings=settings, folder=folder, container=container, token=token)


async def _answering(child: Leashed, port: int, path: str) -> Served:
    deadline = time.monotonic() + READY_SECONDS
    while not await _answers(port, path):
        if child.ended or time.monotonic() > deadline:
            raise Failed(f"nothing answers on port {port}")
        await asyncio.sleep(0.02)
    return Served(port, child.pid)


async def _answers(port: int, path: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.startswith(b"HTTP/1.1 200")
