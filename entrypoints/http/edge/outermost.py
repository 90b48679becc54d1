import logging
import time
from dataclasses import dataclass
from typing import cast

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from application.ports.activity import CAUSE
from entrypoints.http.edge.addresses import ClientAddresses
from entrypoints.http.edge.cors import Cors
from entrypoints.http.edge.exchange import Exchange, begin, route_of
from entrypoints.http.edge.headers import finished, request_id_of
from entrypoints.http.edge.metrics import Metrics
from entrypoints.masking import masked

_UNMATCHED = "unmatched"
_LONGEST_PATH = 200
_NO_CONTENT = 204
_NOT_ALLOWED = 405
# Litestar routes no such method, and tells for it which ones it does.
_ASKING = "ASK"

# Asked every few seconds by machines, which only the unexpected answer should be heard of.
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_ERRORS_FROM = 400

_log = structlog.stdlib.get_logger("flightdeck.http")


@dataclass(slots=True)
class _Told:
    """What was sent; 499 until then is what a client that went away before is logged as."""

    status: int = 499
    stream: bool = False


class Outermost:
    """Sees every request and every answer, also those that Litestar's middleware does not: 404, 405, HEAD, preflights.

    Gives each a request id, which logs and activity name; ends answers with the headers of all; answers preflights;
    answers HEAD as GET without its body, and OPTIONS with what the address takes; logs and counts each.
    """

    def __init__(self, app: ASGIApp, *, addresses: ClientAddresses, cors: Cors, metrics: Metrics) -> None:
        self._app = app
        self._addresses = addresses
        self._cors = cors
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything else of ASGI passes."""
        if scope["type"] != ScopeType.HTTP:
            return await self._app(scope, receive, send)
        exchange = Exchange(
            request_id=request_id_of(scope["headers"]), method=scope["method"], address=self._addresses.of(scope)
        )
        cause = CAUSE.set(exchange.request_id)
        try:
            with bound_contextvars(request_id=exchange.request_id):
                # A copy: the server must go on knowing a HEAD for one, or it waits for a body of the length told.
                await self._answer(cast("HTTPScope", {**scope}), exchange, receive, send)
        finally:
            CAUSE.reset(cause)

    async def _answer(self, scope: HTTPScope, exchange: Exchange, receive: Receive, send: Send) -> None:
        path, began, told = scope["path"], time.perf_counter(), _Told()
        scope["scheme"] = self._addresses.scheme(scope)
        begin(scope, exchange)
        send = self._finishing(scope, exchange, told, send)
        try:
            await self._route(scope, exchange, receive, send)
        finally:
            seconds = time.perf_counter() - began
            route = route_of(scope)
            self._metrics.answered(exchange.method, route or _UNMATCHED, told.status, None if told.stream else seconds)
            _log.log(
                _level(path, told.status),
                "request",
                method=exchange.method[:16],
                route=route or masked(path)[:_LONGEST_PATH],
                status=told.status,
                ms=round(seconds * 1000, 1),
            )

    async def _route(self, scope: HTTPScope, exchange: Exchange, receive: Receive, send: Send) -> None:
        allowed = self._cors.preflight(scope)
        if allowed is not None:
            await send({"type": "http.response.start", "status": _NO_CONTENT, "headers": allowed})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        elif exchange.method == "OPTIONS":
            scope["method"] = _ASKING  # type: ignore[typeddict-item]
            await self._app(scope, receive, _without_body(send, told_as=_NO_CONTENT))
        elif exchange.method == "HEAD":
            scope["method"] = "GET"
            await self._app(scope, receive, _without_body(send))
        else:
            await self._app(scope, receive, send)

    def _finishing(self, scope: HTTPScope, exchange: Exchange, told: _Told, send: Send) -> Send:
        path = scope["path"]
        open_to = [] if self._cors.preflight(scope) is not None else self._cors.headers(scope)

        async def finishing(message: Message) -> None:
            if message["type"] == "http.response.start":
                told.status = message["status"]
                headers = list(message["headers"])
                told.stream = any(value.startswith(b"text/event-stream") for _, value in headers)
                message["headers"] = finished([*headers, *open_to], path, exchange.request_id, exchange.allowance)
            await send(message)

        return finishing


def _level(path: str, status: int) -> int:
    return logging.DEBUG if path in _PROBES and status < _ERRORS_FROM else logging.INFO


def _without_body(send: Send, told_as: int | None = None) -> Send:
    """Sends what `send` is given but the body; a refusal of the method is told as `told_as`."""

    async def without_body(message: Message) -> None:
        if message["type"] == "http.response.start" and told_as and message["status"] == _NOT_ALLOWED:
            message["status"] = told_as
            message["headers"] = [pair for pair in message["headers"] if not pair[0].startswith(b"content-")]
        elif message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return without_body
