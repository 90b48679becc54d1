import asyncio
import secrets
from http import HTTPStatus
from typing import Any, cast

import msgspec
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from entrypoints.http.edge.headers import SECURITY
from entrypoints.http.edge.problems import MEDIA_TYPE, Problem

MOST_HEAD_BYTES = 65_536
HEAD_SECONDS = 10.0

_SENTENCES = {
    400: ("bad_request", "This is no HTTP that we can read."),
    408: ("timeout", "The head of the request did not arrive in time."),
    431: ("head_too_large", "The head of the request is too large."),
}


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's HTTP, in which the head of a request (its line and headers) is bounded in bytes and in time.

    A head is counted in whole reads, from the first that holds nothing else: up to one read above the bound gets in.
    The time runs from the connection, or from the first byte of a later head; while uvicorn itself has stopped
    reading (pipelined requests wait), and when it goes on, it is given anew. Between requests uvicorn's own keep-alive
    time counts. A body that goes on after its answer has the same time to end.
    """

    most_head_bytes = MOST_HEAD_BYTES
    head_seconds = HEAD_SECONDS

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = True
        self._head_bytes = 0
        self._body_ended = True
        self._body_ended_here = False
        self._deadline: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        self._body_ended_here = False
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes = 0 if self._body_ended_here else self._head_bytes + len(data)
        if self._head_bytes > self.most_head_bytes:
            self._refuse(431)

    @override
    def on_message_begin(self) -> None:
        self._in_head = True
        if self._deadline is None:
            self._wait()
        super().on_message_begin()

    @override
    def on_headers_complete(self) -> None:
        self._stop_waiting()
        self._in_head = self._body_ended = False
        self._head_bytes = 0
        super().on_headers_complete()

    @override
    def on_message_complete(self) -> None:
        self._body_ended = self._body_ended_here = True
        self._stop_waiting()
        super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        paused = self.flow.read_paused
        super().on_response_complete()
        if paused and not self.flow.read_paused and self._deadline is not None:
            self._stop_waiting()
            self._wait()
        if not self._body_ended and self.cycle.response_complete and self._deadline is None:
            self._wait()

    @override
    def send_400_response(self, msg: str) -> None:
        self._refuse(400)

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self._overdue)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _overdue(self) -> None:
        if self.flow.read_paused:
            self._wait()
        elif self._in_head:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        self._stop_waiting()
        # A request that is still being answered owns what is written; ours would end up inside of it.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete:
            self.transport.write(_refusal(status))
        self.transport.close()


def _refusal(status: int) -> bytes:
    code, detail = _SENTENCES[status]
    request_id = secrets.token_hex(16)
    title = HTTPStatus(status).phrase
    body = msgspec.json.encode(Problem(title=title, status=status, detail=detail, code=code, request_id=request_id))
    headers = {
        **SECURITY,
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "X-Request-Id": request_id,
        "Connection": "close",
    }
    lines = "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[status] + lines.encode() + b"\r\n" + body
