"""The sockets of the API; apart from the server, so that who only opens them does not wait for its imports."""

import errno
import socket
import sys
from collections.abc import Sequence

CANNOT_START = 78
"""The exit code of a start that its settings make impossible (sysexits.h, EX_CONFIG)."""

_BACKLOG = 2048


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address `host` names.

    Raises:
        SystemExit: with `CANNOT_START`, after a sentence on standard error, when one of them cannot be listened on.
    """
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            sockets.append(socket.create_server(address[:2], family=family, backlog=_BACKLOG))
            # asyncio does so only for sockets that name their protocol, which these do not: the second write of an
            # answer would wait 40 ms for the client's word on the first.
            sockets[-1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
            return (
                f"Port {port} is taken: stop what listens there, or choose another with PORT={port + 1}. "
                "A second Flightdeck needs another FLIGHTDECK_HOME too."
            )
        case OSError(errno=errno.EACCES):
            return f"Port {port} needs more rights than we have: choose one above 1023 with PORT."
        case OSError(errno=errno.EADDRNOTAVAIL):
            return f"HOST={host} is no address of this machine: use 127.0.0.1 or 0.0.0.0."
        case _:
            return f"Cannot listen on {host}, port {port}: {error.strerror}."


def _close(sockets: Sequence[socket.socket]) -> None:
    for opened in sockets:
        opened.close()
