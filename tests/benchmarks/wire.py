"""HTTP/1.1 by hand, as lean as it can be: whoever asks must not be what is measured."""

import asyncio
import json
import time
from typing import Any, cast

from httptools import HttpResponseParser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from typing_extensions import override

HOST = "127.0.0.1"


def request(method: str, path: str, token: str | None = None, body: object = None, **headers: str) -> str:
    """A request as text, ready to be sent."""
    content = "" if body is None else json.dumps(body)
    lines = [f"{method} {path} HTTP/1.1", "host: localhost", f"content-length: {len(content.encode())}"]
    lines += [f"authorization: Bearer {token}"] if token else []
    lines += ["content-type: application/json"] if content else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines) + "\r\n\r\n" + content


class Refused(Exception):
    """The answer was none of success."""


class Connection(asyncio.Protocol):
    """A connection kept alive, on which one request is under way at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser: Any = None
        self._answered: asyncio.Future[bytes] | None = None
        self._body: list[bytes] = []

    @classmethod
    async def open(cls, port: int) -> "Connection":
        _, connection = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return connection

    async def ask(self, sent: str) -> bytes:
        """The body of the answer.

        Raises:
            Refused: it tells another status than success.
        """
        self._answered = asyncio.get_running_loop().create_future()
        self._parser, self._body = HttpResponseParser(self), []
        assert self._transport is not None
        self._transport.write(sent.encode())
        return await self._answered

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by inheritance

    @override
    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError())

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        assert self._answered is not None
        status: int = self._parser.get_status_code()
        body = b"".join(self._body)
        if status // 100 == 2:
            self._answered.set_result(body)
        else:
            self._answered.set_exception(Refused(f"{status} {body[:300]!r}"))


class Stream(asyncio.Protocol):
    """An event stream held open; `heard` is called with whatever comes after the answer's head."""

    def __init__(self, sent: str) -> None:
        self._sent = sent
        self._transport: asyncio.Transport | None = None
        self._waiting: list[tuple[bytes, asyncio.Future[float]]] = []
        self.begun: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, port: int, sent: str) -> "Stream":
        """Returns when the answer has begun."""
        _, stream = await asyncio.get_running_loop().create_connection(lambda: cls(sent), HOST, port)
        await stream.begun
        return stream

    def told(self, mark: bytes) -> asyncio.Future[float]:
        """When, by `time.monotonic`, the next piece with this mark in it comes."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((mark, future))
        return future

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._sent.encode())

    @override
    def data_received(self, data: bytes) -> None:
        if not self.begun.done():
            if data.startswith(b"HTTP/1.1 200"):
                self.begun.set_result(True)
            else:
                self.begun.set_exception(Refused(repr(data[:300])))
        now = time.monotonic()
        for mark, future in self._waiting:
            if mark in data and not future.done():
                future.set_result(now)
        self._waiting = [(mark, future) for mark, future in self._waiting if not future.done()]

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        lost = exc or ConnectionResetError()
        waiting: list[asyncio.Future[Any]] = [self.begun, *(future for _, future in self._waiting)]
        for future in waiting:
            if not future.done():
                future.set_exception(lost)
                future.exception()
