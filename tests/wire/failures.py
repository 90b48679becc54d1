"""How any server may fail, whatever it speaks."""

from collections.abc import Mapping

from application.ports.language_model import (
    ModelError,
    ModelMisconfigured,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)
from tests.wire.server import END, Reply, Then, head, piece, plain

Failure = tuple[Reply, type[ModelError]]

SILENCE = 0.2
"""Seconds that a client under test waits for a byte of a server that hangs."""
PATIENCE = 60
"""Seconds that it waits for any other."""
MOST = 64 * 1024
"""Bytes that it takes."""

DEEP = "[" * 30_000
HTML = "<!doctype html><title>Bad gateway</title>"


def stream(*parts: str | bytes | Then) -> Reply:
    """The beginning of a stream, and what then happens."""
    return (head(), *(part if isinstance(part, Then) else piece(part) for part in parts))


BEFORE: Mapping[str, Failure] = {
    "hangs before the first byte": ((Then.HANG,), ModelTimeout),
    "hangs after the head": (stream(Then.HANG), ModelTimeout),
    "hangs in the head": ((head()[:30], Then.HANG), ModelTimeout),
    "resets the connection": ((Then.RESET,), ModelUnavailable),
    "resets it after the head": (stream(Then.RESET), ModelUnavailable),
    "closes it": ((Then.CLOSE,), ModelUnavailable),
    "closes it in the head": ((head()[:30], Then.CLOSE), ModelUnavailable),
    "speaks something else": ((b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Then.CLOSE), ModelUnavailable),
    "breaks the transfer coding": ((head(), b"zz\r\nno\r\n", Then.CLOSE), ModelUnavailable),
    "streams nothing": ((head(), END), ModelUnavailable),
    "streams comments": (stream(": ping\n\n", ": ping\n\n", ""), ModelUnavailable),
    "answers with a page": (plain(200, HTML, kind="text/html"), ModelUnavailable),
    "answers with JSON": (plain(200, {"text": "It costs 60 €."}), ModelUnavailable),
    "has no content": ((b"HTTP/1.1 204 No Content\r\n\r\n",), ModelUnavailable),
    "redirects": (plain(302, "", location="/elsewhere"), ModelMisconfigured),
    "400 without a word": (plain(400, ""), ModelRefused),
    "404 as a page": (plain(404, HTML, kind="text/html"), ModelMisconfigured),
    "500 as a page": (plain(500, HTML, kind="text/html"), ModelUnavailable),
    "502 as a page": (plain(502, HTML, kind="text/html"), ModelUnavailable),
    "503": (plain(503, {"detail": "starting"}), ModelUnavailable),
    "504": (plain(504, "[1, 2"), ModelUnavailable),
    "408": (plain(408, ""), ModelUnavailable),
    "413": (plain(413, ""), ModelRefused),
    "an error too long to read": ((head(500), piece("x" * 2 * MOST), END), ModelUnavailable),
    "an error that hangs": ((head(500), piece("{"), Then.HANG), ModelTimeout),
    "a line without end": (stream("data: ", *["x" * 16_384] * 8), ModelUnavailable),
}


def after(text: str) -> Mapping[str, Failure]:
    """What may happen once the frames in `text` have come."""
    return {
        "hangs": (stream(text, Then.HANG), ModelTimeout),
        "resets": (stream(text, Then.RESET), ModelUnavailable),
        "closes": (stream(text, Then.CLOSE), ModelUnavailable),
        "ends in good order": ((*stream(text), END), ModelUnavailable),
        "breaks the transfer coding": ((*stream(text), b"zz\r\n", Then.CLOSE), ModelUnavailable),
        "never ends a line": (stream(text, "data: ", *["x" * 16_384] * 8), ModelUnavailable),
        "says half a letter": (stream(text, b"data: \xe2\x82\n\n", ""), ModelUnavailable),
    }
