"""uvicorn, so that it stops cleanly and says plainly when it cannot start."""

import errno
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import uvicorn
from litestar import Litestar
from typing_extensions import override

from entrypoints.http.edge.bounded_http import BoundedHttp
from entrypoints.http.edge.streams import OpenStreams

CANNOT_START = 78
"""The exit code of a start that its settings make impossible (sysexits.h, EX_CONFIG)."""

_BACKLOG = 2048
_GRACE_SECONDS = 5
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


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address `host` names.

    Raises:
        SystemExit: with `CANNOT_START`, when one of them cannot be listened on.
    """
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            sockets.append(socket.create_server(address[:2], family=family, backlog=_BACKLOG))
    except OSError as error:
        _close(sockets)
        sys.stderr.write(f"{_sentence(error, host, port)}\n")
        raise SystemExit(CANNOT_START) from None
    return sockets


def _sentence(error: OSError, host: str, port: int) -> str:
    match error:
        case socket.gaierror():
            return f"HOST={host} is the name of no address: use 127.0.0.1, 0.0.0.0 or a name that resolves."
        case OSError(errno=errno.EADDRINUSE):
            return f"Port {port} is taken: stop what listens there, or choose another with PORT={port + 1}."
        case OSError(errno=errno.EACCES):
            return f"Port {port} needs more rights than we have: choose one above 1023 with PORT."
        case OSError(errno=errno.EADDRNOTAVAIL):
            return f"HOST={host} is no address of this machine: use 127.0.0.1 or 0.0.0.0."
        case _:
            return f"Cannot listen on {host}, port {port}: {error.strerror}."


def _close(sockets: Sequence[socket.socket]) -> None:
    for opened in sockets:
        opened.close()


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
