"""Headers of every answer."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence

from application.ports.rate_limiter import Allowance

_REQUEST_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)
_FRAMEABLE = "/chat/"

Raw = tuple[bytes, bytes]

SECURITY: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What an answer has unless its route said otherwise; a page brings the Content-Security-Policy it needs."""

_EVERYWHERE = [(name.lower().encode(), value.encode()) for name, value in SECURITY.items()]
_OF_THE_API = [*_EVERYWHERE, (b"cache-control", b"no-store")]
_IN_FRAMES = [pair for pair in _EVERYWHERE if pair[0] != b"x-frame-options"]


def request_id_of(headers: Iterable[Raw]) -> str:
    """The `X-Request-Id` that came, when it is one alone and harmless in logs and headers; else a new one."""
    came = [value.decode("latin-1") for name, value in headers if name == b"x-request-id"]
    return came[0] if len(came) == 1 and _REQUEST_ID.fullmatch(came[0]) else secrets.token_hex(16)


def finished(headers: Iterable[Raw], path: str, request_id: str, allowance: Allowance | None) -> list[Raw]:
    """The headers of the answer with those that every answer has; what the route said stays."""
    said = list(headers)
    names = {name.lower() for name, _ in said}
    said += [pair for pair in _always(path) if pair[0] not in names]
    said.append((b"x-request-id", request_id.encode()))
    return said if allowance is None else [*said, *_limits(allowance)]


def _always(path: str) -> Sequence[Raw]:
    """Only the chat may be framed; its pages say by whom in their own Content-Security-Policy."""
    if path.startswith(_FRAMEABLE):
        return _IN_FRAMES
    return _OF_THE_API if path.startswith("/api/") else _EVERYWHERE


def _limits(allowance: Allowance) -> Sequence[Raw]:
    return [
        (b"ratelimit-limit", str(allowance.limit).encode()),
        (b"ratelimit-remaining", str(allowance.remaining).encode()),
        (b"ratelimit-reset", str(allowance.reset_seconds).encode()),
    ]
