from collections.abc import Collection

from litestar.types import HTTPScope

from entrypoints.http.edge.opts import PUBLIC

_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_ACCEPTED = b"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id"
_EXPOSED = (
    b"ETag, Location, X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, "
    b"Idempotent-Replayed"
)
_MAX_AGE = b"600"

Raw = tuple[bytes, bytes]


class Cors:
    """Which origins' pages may call: any the visitors' routes, `origins` (`*` alone: any) the rest.

    Credentials are bearer tokens, which pages send themselves: cookies are never allowed across origins.
    """

    def __init__(self, origins: Collection[str]) -> None:
        self._any = "*" in origins
        self._origins = frozenset(origin.encode() for origin in origins)

    def preflight(self, scope: HTTPScope) -> list[Raw] | None:
        """The headers that answer it, or None when the request is no preflight."""
        asked = {name for name, _ in scope["headers"]} >= {b"origin", b"access-control-request-method"}
        if scope["method"] != "OPTIONS" or not asked:
            return None
        allowed = self._allowed(scope)
        if not _names_origin(allowed):
            return allowed
        return [
            *allowed,
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _ACCEPTED),
            (b"access-control-max-age", _MAX_AGE),
        ]

    def headers(self, scope: HTTPScope) -> list[Raw]:
        """What any other answer says to a page."""
        allowed = self._allowed(scope)
        return [*allowed, (b"access-control-expose-headers", _EXPOSED)] if _names_origin(allowed) else allowed

    def _allowed(self, scope: HTTPScope) -> list[Raw]:
        if self._any or scope["path"].startswith(PUBLIC):
            return [(b"access-control-allow-origin", b"*")]
        vary = (b"vary", b"Origin")
        origin = next((value for name, value in scope["headers"] if name == b"origin"), b"").lower()
        return [(b"access-control-allow-origin", origin), vary] if origin in self._origins else [vary]


def _names_origin(headers: list[Raw]) -> bool:
    return any(name == b"access-control-allow-origin" for name, _ in headers)
