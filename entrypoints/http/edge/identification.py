from functools import partial
from typing import Any, Protocol

from litestar import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from domain.access import Caller
from domain.errors import NotFound, Unauthenticated
from entrypoints.http.edge.addresses import LOCAL, bucket
from entrypoints.http.edge.exchange import exchange_of
from entrypoints.http.edge.opts import ANONYMOUS, PUBLIC
from entrypoints.http.edge.strangers import Strangers

_LONGEST_TOKEN = 8192


class Identify(Protocol):
    """Tells who a token belongs to."""

    async def __call__(self, token: str) -> Caller:
        """The caller.

        Raises:
            Unauthenticated: the token opens nothing.
        """
        ...


class Identification(ASGIMiddleware):
    """Knows the caller of each request by its bearer token; a route without `ANONYMOUS` is not reached otherwise.

    Under `PUBLIC` a missing or wrong token is 404, so that nobody learns which conversations there are. `strangers`
    limits such requests, as they get no further than here.
    """

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = ANONYMOUS

    def __init__(self, identify: Identify, strangers: Strangers) -> None:
        self._identify = identify
        self._strangers = strangers

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        exchange = exchange_of(scope)
        self._strangers.admit(scope)
        try:
            token = _bearer(scope)
            exchange.identify = partial(self._identify, token)
            exchange.caller = await exchange.identify()
        except Unauthenticated as error:
            await self._strangers.count(scope)
            if scope["path"].startswith(PUBLIC):
                raise NotFound from error
            raise
        # Not by the text of the token: issuers outside give their users a new one each minute.
        exchange.credential = str(exchange.caller.credential_id or exchange.caller.actor.id)
        await next_app(scope, receive, send)


def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """Whoever makes the request; the dependency `caller` of handlers."""
    caller = exchange_of(request.scope).caller
    if caller is None:
        raise Unauthenticated
    return caller


def provide_address(request: Request[Any, Any, Any]) -> str | None:
    """The address of whoever makes the request as limits count it, None over a unix socket; `address` of handlers."""
    address = exchange_of(request.scope).address
    return None if address == LOCAL else bucket(address)


def _bearer(scope: Scope) -> str:
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
    token = token.strip()
    if scheme.lower() != b"bearer" or not token.isascii() or not 0 < len(token) <= _LONGEST_TOKEN:
        raise Unauthenticated
    return token.decode()
