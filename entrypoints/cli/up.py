import asyncio
import fcntl
import os
import socket
import sys
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from entrypoints.cli.configuration import configured, embedded_servers, needs_servers, with_secret_key
from entrypoints.http.edge.listening import listen
from entrypoints.settings import Settings
from entrypoints.supervisor.embedded import Urls
from entrypoints.supervisor.leash import LOWEST_DESCRIPTOR, Child
from entrypoints.supervisor.supervise import run as run_until_signalled
from entrypoints.supervisor.supervise import supervise

_POLL_SECONDS = 0.05
_PUT_BACK = timedelta(seconds=1)  # what a worker needs after its grace
_DEMO = "harbour-studio"


Command = tuple[str, ...]
Welcome = Callable[[], Awaitable[None]]


def flightdeck(command: str) -> Command:
    """How to run another of our commands."""
    # -P: modules of ours are never looked for in the directory that it happens to be started in.
    return (sys.executable, "-P", "-m", "entrypoints.cli.main", command)


WORKER = flightdeck("worker")


def run(arguments: Namespace, worker: Command = WORKER) -> int:
    """Runs the embedded servers (unless others are set), API and worker, until Ctrl-C; all end with this process."""
    settings = with_secret_key(configured())
    needs_servers(settings)
    # Opened here and inherited by the API: a port that is taken is told before anything is started, nobody else can
    # take it between, what answers on it is ours, and who calls while the API starts again waits for it.
    sockets = listen(settings.host, settings.port)
    environment = {**os.environ, "SECRET_KEY": settings.secret_key or "", "PYTHONUNBUFFERED": "1"}
    api = _api(sockets, environment)
    workers = _workers(worker, arguments.workers, settings.worker_grace, environment)
    welcome = _welcoming(settings, sockets[0], arguments.begun)
    return run_until_signalled(lambda hurry: _up(settings, [api, *workers], welcome, hurry))


async def _up(settings: Settings, children: Sequence[Child], welcome: Welcome, hurry: asyncio.Event) -> int:
    lock = None
    async with AsyncExitStack() as servers:
        if needs_servers(settings):
            embedded, urls = await servers.enter_async_context(embedded_servers(settings.flightdeck_home))
            children = [_on(urls, child) for child in children]
            lock = embedded.lock
        return await supervise(children, hurry=hurry, lock=lock, beside=welcome)


def _on(urls: Urls, child: Child) -> Child:
    return replace(child, env={**(child.env or {}), "DATABASE_URL": urls.database, "REDIS_URL": urls.redis})


def _api(sockets: Sequence[socket.socket], environment: dict[str, str]) -> Child:
    descriptors = tuple(fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR) for opened in sockets)
    command = (*flightdeck("serve"), "--sockets", *map(str, descriptors))
    return Child(name="api", command=command, env=environment, descriptors=descriptors)


def _workers(command: Command, count: int, grace: timedelta, environment: dict[str, str]) -> list[Child]:
    patience = (grace + _PUT_BACK).total_seconds()
    names = ["worker"] if count == 1 else [f"worker-{number}" for number in range(1, count + 1)]
    return [Child(name=name, command=command, env=environment, patience=patience) for name in names]


def _welcoming(settings: Settings, opened: socket.socket, begun: float) -> Welcome:
    address = _reachable(opened)

    async def welcome() -> None:
        while await _status(address, "/readyz") != HTTPStatus.OK:  # noqa: ASYNC110 (nothing tells when another process is ready)
            await asyncio.sleep(_POLL_SECONDS)
        seconds = time.monotonic() - begun
        demo = await _status(address, f"/api/v1/public/workspaces/{_DEMO}") == HTTPStatus.OK
        print(_welcome(settings, seconds, demo=demo), flush=True)

    return welcome


def _reachable(opened: socket.socket) -> tuple[str, int]:
    name: tuple[str, int] = opened.getsockname()[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (where others listen)
    return local.get(name[0], name[0]), name[1]


async def _status(address: tuple[str, int], path: str) -> int | None:
    """The status that the API answers with, or None when it has ended meanwhile."""
    try:
        reader, writer = await asyncio.open_connection(*address)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            words = (await reader.read()).split(maxsplit=2)
        finally:
            writer.close()
    except OSError:
        return None
    return int(words[1]) if len(words) > 1 else None


def _welcome(settings: Settings, seconds: float, *, demo: bool) -> str:
    api, home = f"{settings.base_url}/api/v1", settings.flightdeck_home
    lines = [
        f"docs {api}/docs · owner's token {home / 'owner-token'} · data {home}",
        f"ready in {seconds:.1f} s; Ctrl-C stops everything",
    ]
    begin = f"\nFlightdeck is at {settings.base_url}."
    return "\n".join([f"{begin} Ask the demo business something:\n\n{_question(api)}\n" if demo else begin, *lines])


def _question(api: str) -> str:
    conversations = f"{api}/public/conversations"
    return f"""\
  CHAT={conversations} JSON='Content-Type: application/json'
  set -- $(curl -s $CHAT -H "$JSON" -d '{{"workspace_handle": "{_DEMO}"}}' | awk -F'"' '{{print $4, $8}}')
  curl -sN $CHAT/$1/messages -H "Authorization: Bearer $2" \\
    -H "$JSON" -d '{{"content": "What does a consultation cost?"}}' \\
    --next -sN $CHAT/$1/stream -H "Authorization: Bearer $2\""""
