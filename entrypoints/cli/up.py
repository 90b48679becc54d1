import asyncio
import os
import sys
import time
import urllib.error
import urllib.request
from argparse import Namespace
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from http import HTTPStatus

from entrypoints.cli.configuration import configured, embedded_servers, needs_servers
from entrypoints.settings import Settings
from entrypoints.supervisor.leash import Child
from entrypoints.supervisor.supervise import run as run_until_signalled
from entrypoints.supervisor.supervise import supervise

POLL_SECONDS = 0.02


def run(arguments: Namespace) -> int:
    """Runs the embedded servers (unless others are set), API and worker, until Ctrl-C; all end with this process."""
    begun = time.monotonic()
    settings = configured()
    return run_until_signalled(lambda hurry: _up(settings, arguments.workers, begun, hurry))


async def _up(settings: Settings, workers: int, begun: float, hurry: asyncio.Event) -> int:
    environment = {**os.environ, "SECRET_KEY": settings.secret_key or "", "PYTHONUNBUFFERED": "1"}
    lock = None
    async with AsyncExitStack() as servers:
        if needs_servers(settings):
            embedded, urls = await servers.enter_async_context(embedded_servers(settings.flightdeck_home))
            environment |= {"DATABASE_URL": urls.database, "REDIS_URL": urls.redis}
            lock = embedded.lock
        children = [_child("api", "serve", environment)]
        children += [_child(f"worker-{number}", "worker", environment) for number in range(1, workers + 1)]
        return await supervise(children, hurry=hurry, lock=lock, beside=_announcing(settings, begun))


def _child(name: str, command: str, environment: dict[str, str]) -> Child:
    return Child(name=name, command=(sys.executable, "-m", "entrypoints.cli.main", command), env=environment)


def _announcing(settings: Settings, begun: float) -> Callable[[], Awaitable[None]]:
    async def announce() -> None:
        while not await asyncio.to_thread(_ready, settings):  # noqa: ASYNC110 (nothing tells when another process is ready)
            await asyncio.sleep(POLL_SECONDS)
        print(_welcome(settings, time.monotonic() - begun), flush=True)

    return announce


def _ready(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 (where others listen)
    try:
        with urllib.request.urlopen(f"http://{host}:{settings.port}/readyz", timeout=5) as answer:
            return answer.status == HTTPStatus.OK
    except (urllib.error.URLError, OSError):
        return False


def _welcome(settings: Settings, seconds: float) -> str:
    conversations = f"{settings.base_url}/api/v1/public/conversations"
    home = settings.flightdeck_home
    return f"""
Flightdeck is at {settings.base_url}. Ask the demo business something:

  set -- $(curl -s {conversations} --json '{{"workspace_handle": "harbour-studio"}}' | awk -F'"' '{{print $4, $8}}')
  curl -sN -H "Authorization: Bearer $2" {conversations}/$1/messages \\
    --json '{{"content": "What does a consultation cost?"}}' \\
    --next -sN -H "Authorization: Bearer $2" {conversations}/$1/stream

docs {settings.base_url}/api/v1/docs · owner's token {home / "owner-token"} · data {home}
ready in {seconds:.1f} s; Ctrl-C stops everything"""
