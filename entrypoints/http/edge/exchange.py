from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from litestar.types import Scope

from application.ports.rate_limiter import Allowance
from domain.access import Caller

_KEY = "exchange"


@dataclass(slots=True, kw_only=True)
class Exchange:
    """What the edge knows of one request while it is served.

    Attributes:
        method: as the client sent it; the routes see HEAD as GET.
        address: the client's, or `local` over a unix socket.
        caller: whose token came with it. credential: the id of their key or session, else their own, to count by.
        identify: who the token belongs to now.
        allowance: of the limits that applied, the one nearest to its end.
    """

    request_id: str
    method: str
    address: str
    caller: Caller | None = None
    credential: str | None = None
    identify: Callable[[], Awaitable[Caller]] | None = None
    allowance: Allowance | None = None


def begin(scope: Scope, exchange: Exchange) -> None:
    """The request of `scope` is known by `exchange` from now on."""
    cast("dict[str, Any]", scope).setdefault("state", {})[_KEY] = exchange


def exchange_of(scope: Scope) -> Exchange:
    """What is known of the request; every request that reached Litestar has it."""
    return cast("Exchange", scope["state"][_KEY])


def route_of(scope: Scope) -> str | None:
    """The template of the route that served the request, or None when there was none for it."""
    template = cast("dict[str, Any]", scope).get("path_template")
    return template if isinstance(template, str) else None
