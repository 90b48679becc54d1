"""Server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send
from typing_extensions import override

from application.ports.run_log import SlowReader
from domain.errors import Unavailable
from entrypoints.http.edge.access import Access
from entrypoints.http.edge.exchange import Exchange, exchange_of
from entrypoints.http.edge.limits import StreamSlots

PING_SECONDS = 15.0
PATIENCE_SECONDS = 30.0
_LAST_WORD_SECONDS = 1.0
_BREATH = 64
_HELLO = b"retry: 1000\n\n"
_PING = b": ping\n\n"
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event; `data` is told as JSON, and `id`, without line breaks, is where a reader resumes behind."""

    event: str
    data: object
    id: str | None = None

    def encode(self) -> bytes:
        """The event on the wire."""
        identified = f"id: {self.id}\n" if self.id is not None else ""
        return f"{identified}event: {self.event}\ndata: ".encode() + msgspec.json.encode(self.data) + b"\n\n"


Frames = AsyncGenerator[ServerEvent | None, None]


class OpenStreams:
    """The streams open in this process, within `slots`.

    A stream silent for `ping_seconds` says that it lives; a reader that does not take that for `patience_seconds` is
    dropped.
    """

    def __init__(
        self, slots: StreamSlots, ping_seconds: float = PING_SECONDS, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self.ping_seconds = ping_seconds
        self.patience_seconds = patience_seconds
        self._slots = slots
        self._until: set[asyncio.Timeout] = set()
        self.closing = False

    def __len__(self) -> int:
        return len(self._until)

    @contextmanager
    def admit(self, address: str, until: asyncio.Timeout) -> Generator[None]:
        """Holds a place for a stream that ends when `until` is up.

        Raises:
            Limited: the address has too many open. Unavailable: the server stops.
        """
        if self.closing:
            raise Unavailable
        with self._slots.take(address):
            self._until.add(until)
            try:
                yield
            finally:
                self._until.discard(until)

    def close(self) -> None:
        """Ends every stream, and lets none begin: the server stops, and would wait for them for ever."""
        self.closing = True
        for until in list(self._until):
            _end(until)


class EventStream(Response[bytes]):
    """Answers with events as `frames` yields them, and closes it at the end, whoever ends it.

    A None from `frames` says nothing and is not sent. One that fails or lags (`SlowReader`) ends the stream: readers
    resume by themselves. A reader that takes nothing is dropped, and so is one who loses a permission (`Access`).
    """

    def __init__(self, frames: Frames) -> None:
        super().__init__(content=b"", headers=_HEADERS, media_type="text/event-stream")
        self.frames = frames

    @override
    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **given: Any) -> ASGIResponse:
        streams: OpenStreams = request.app.state.open_streams
        access: Access = request.app.state.access
        return _AsgiEventStream(self.frames, streams, access)


class _AsgiEventStream(ASGIResponse):
    _should_set_content_length = False

    def __init__(self, frames: Frames, streams: OpenStreams, access: Access) -> None:
        super().__init__(headers=_HEADERS)
        self._frames = frames
        self._streams = streams
        self._access = access

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = exchange_of(scope)
        async with aclosing(self._frames):
            # Never up by itself: moving it to now ends the block, from the outside too.
            until = asyncio.timeout(None)
            with self._streams.admit(exchange.address, until):
                await self.start_response(send)
                if exchange.method != "HEAD":
                    with suppress(TimeoutError):
                        await self._tell(until, exchange, receive, send)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LAST_WORD_SECONDS):
                        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, until: asyncio.Timeout, exchange: Exchange, receive: Receive, send: Send) -> None:
        writer = _Writer(send)
        async with until:
            if self._streams.closing:
                return
            watches = (
                asyncio.create_task(self._watch(until, receive, writer)),
                asyncio.create_task(self._guard(until, exchange)),
            )
            try:
                await writer.write(_HELLO)
                await self._tell_frames(writer)
            finally:
                for watch in watches:
                    watch.cancel()

    async def _guard(self, until: asyncio.Timeout, exchange: Exchange) -> None:
        """Ends the stream when its reader may not see it any more; one who may still resumes by themselves."""
        if await self._access.lost(exchange):
            _end(until)

    async def _tell_frames(self, writer: "_Writer") -> None:
        try:
            number = 0
            async for frame in self._frames:
                number += 1
                if frame is not None:
                    await writer.write(frame.encode())
                if number % _BREATH == 0:
                    # Neither a generator nor a `send` after a disconnect need ever wait, and then nobody else runs.
                    await asyncio.sleep(0)
        except SlowReader:
            _log.info("a slow reader was dropped")
        except Unavailable as error:
            _log.warning("an event stream was cut off", reason=str(error))
        except Exception:  # noqa: BLE001 (too late for a problem: the answer has begun)
            _log.exception("an event stream failed")

    async def _watch(self, until: asyncio.Timeout, receive: Receive, writer: "_Writer") -> None:
        """Ends the stream when the client is gone or takes nothing, and breaks long silences."""
        while True:
            try:
                async with asyncio.timeout_at(writer.last + self._streams.ping_seconds):
                    if (await receive())["type"] == "http.disconnect":
                        return _end(until)
            except TimeoutError:
                if not await writer.ping(self._streams.ping_seconds, self._streams.patience_seconds):
                    return _end(until)


class _Writer:
    """Sends whole events; `last` is the loop's time at which something was sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.last = asyncio.get_running_loop().time()

    async def write(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        self.last = asyncio.get_running_loop().time()

    async def ping(self, silence: float, patience: float) -> bool:
        """Sends a ping unless something was sent meanwhile; False when the reader does not take it."""
        if asyncio.get_running_loop().time() < self.last + silence:
            return True
        try:
            async with asyncio.timeout(patience):
                await self.write(_PING)
        except TimeoutError:
            return False
        return True


def _end(until: asyncio.Timeout) -> None:
    # It may not have begun, or be over already; before Python 3.11.4 that is an AssertionError.
    with suppress(RuntimeError, AssertionError):
        until.reschedule(asyncio.get_running_loop().time())
