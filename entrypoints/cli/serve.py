import asyncio
import gc
import logging
import signal
import socket
from argparse import Namespace
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import uvloop

from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.cli.first_start import make_ready, tell_how_to_sign_in
from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import running
from entrypoints.http.app import build
from entrypoints.http.edge.server import listen, server_of
from entrypoints.logs import configure
from entrypoints.settings import Settings

_LOG = logging.getLogger(__name__)


def run(arguments: Namespace) -> int:
    """Runs the API until SIGINT or SIGTERM; with embedded servers of its own where no addresses are set.

    It listens on `HOST` and `PORT`, or on the descriptors of sockets that whoever started it has opened there.
    """
    settings = with_secret_key(configured())
    configure(settings)
    # uvicorn sends itself the signal again when it has stopped, and the default handler would end the process there.
    signal.signal(signal.SIGTERM, _leave)
    inherited = [socket.socket(fileno=descriptor) for descriptor in arguments.sockets]
    sockets = inherited or listen(settings.host, settings.port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(settings, sockets, announced=not inherited))
        except KeyboardInterrupt:
            return 0
    return 0


async def _serve(given: Settings, sockets: Sequence[socket.socket], *, announced: bool) -> None:
    async with with_servers(given) as settings:
        await bring_up_to_date(settings)
        async with running(settings) as container:
            await make_ready(container, settings)
            await tell_how_to_sign_in(container, settings)
            if announced:
                _LOG.info("The API is at %s.", settings.base_url)
            app = build(container, settings)
            gc.freeze()  # it stays as well, see `main.command`
            await server_of(app).serve(sockets=list(sockets))


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
