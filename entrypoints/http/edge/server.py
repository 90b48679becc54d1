"""uvicorn, so that it stops cleanly and says plainly when it cannot start."""

import signal
import socket
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import uvicorn
from litestar import Litestar
from typing_extensions import override

from entrypoints.http.edge.bounded_http import BoundedHttp
from entrypoints.http.edge.listening import CANNOT_START, listen
from entrypoints.http.edge.streams import OpenStreams

__all__ = ["CANNOT_START", "Server", "listen", "serve", "server_of"]

_GRACE_SECONDS = 3  # less than `up` waits before it kills
_KEEP_ALIVE_SECONDS = 30


class Server(uvicorn.Server):
    """Ends the open streams before it waits for connections to end."""

    def __init__(self, config: uvicorn.Config, streams: OpenStreams) -> None:
        super().__init__(config)
        self.streams = streams

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.streams.close()
        await super().shutdown(sockets)


def server_of(app: Litestar, http: type[BoundedHttp] = BoundedHttp) -> Server:
    """The server of an application made by `build_app`."""
    config = uvicorn.Config(
        app,
        http=http,
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # The edge reads them itself, where the peer is in TRUSTED_PROXIES.
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return Server(config, app.state.open_streams)


def serve(app: Litestar, host: str, port: int) -> None:
    """Serves until SIGINT or SIGTERM, after which `finally` blocks of callers run.

    Raises:
        SystemExit: with `CANNOT_START` after a sentence on standard error when the address cannot be listened on,
            with 0 after SIGTERM.
    """
    sockets = listen(host, port)
    # uvicorn sends itself the signal again when it has stopped, and the default handler would end the process there.
    signal.signal(signal.SIGTERM, _leave)
    with suppress(KeyboardInterrupt):
        server_of(app).run(sockets=sockets)


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
