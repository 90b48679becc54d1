import asyncio
import signal
from argparse import Namespace
from types import FrameType
from typing import NoReturn

import uvloop

from entrypoints.cli.configuration import configured, with_servers
from entrypoints.cli.first_start import make_ready
from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import running
from entrypoints.http.app import build
from entrypoints.http.edge.server import listen, server_of
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(_arguments: Namespace) -> int:
    """Runs the API until SIGINT or SIGTERM; with embedded servers of its own where no addresses are set."""
    settings = configured()
    configure(settings)
    # uvicorn sends itself the signal again when it has stopped, and the default handler would end the process there.
    signal.signal(signal.SIGTERM, _leave)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(settings))
        except KeyboardInterrupt:
            return 0
    return 0


async def _serve(given: Settings) -> None:
    sockets = listen(given.host, given.port)
    async with with_servers(given) as settings:
        await bring_up_to_date(settings)
        async with running(settings) as container:
            await make_ready(container, settings)
            await server_of(build(container, settings)).serve(sockets=sockets)


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
