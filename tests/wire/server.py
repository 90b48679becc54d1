"""A server on loopback that speaks HTTP/1.1 byte by byte, so that it can break off wherever a vendor's might."""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Any, Self


class Then(Enum):
    """What a reply may do besides sending bytes."""

    HANG = "wait until the client is gone"
    CLOSE = "end the connection in good order"
    RESET = "end it with a TCP reset"


Step = bytes | asyncio.Event | Then
Reply = Sequence[Step]


@dataclass(frozen=True)
class Request:
    """What a client sent; the names of headers are in lower case, and a body that is not JSON is bytes."""

    path: str
    headers: Mapping[str, str]
    body: Any
    connection: int
    raw: bytes = b""


class Server:
    """Gives its replies in order, the last one again and again.

    Attributes:
        requests: all that came. arrivals: the same, to be waited for.
        gone: set once a client has left a reply that hangs.
    """

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []
        self.arrivals = asyncio.Queue[Request]()
        self.gone = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        self._accepted = 0
        self._server: asyncio.Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        self._accepted += 1
        try:
            await self._serve(reader, writer, self._accepted)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            is_json = "json" in headers.get("content-type", "")
            path = head[0].split(" ")[1]
            request = Request(path, headers, json.loads(body) if is_json else body, connection, body)
            self.requests.append(request)
            self.arrivals.put_nowait(request)
            for step in self.reply_to(request):
                await self._do(step, reader, writer)
            if writer.is_closing():
                return

    def reply_to(self, request: Request) -> Reply:  # noqa: ARG002 (for servers that look at it)
        """What is sent for the newest request."""
        return self.replies[min(len(self.requests), len(self.replies)) - 1]

    async def _do(self, step: Step, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match step:
            case bytes():
                writer.write(step)
                await writer.drain()
            case asyncio.Event():
                await step.wait()
            case Then.HANG:
                await _until_gone(reader)
                self.gone.set()
                writer.close()
            case Then.CLOSE:
                writer.close()
            case Then.RESET:
                sock: socket.socket = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()


async def _until_gone(reader: asyncio.StreamReader) -> None:
    try:
        await reader.read()
    except ConnectionError:
        return


def head(status: int = 200, /, *, kind: str = "text/event-stream", **headers: str) -> bytes:
    """The head of an answer whose body comes in chunks."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {kind}", "Transfer-Encoding: chunked"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def piece(text: str | bytes) -> bytes:
    """A chunk of the transfer coding; the empty one ends the body."""
    data = text.encode() if isinstance(text, str) else text
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


END = piece("")


def streamed(*events: str) -> Reply:
    """A whole stream, each event in a chunk of its own."""
    return (head(), *map(piece, events), END)


def plain(status: int, body: object, /, *, kind: str = "application/json", **headers: str) -> Reply:
    """A whole answer that is no stream; `body` is sent as JSON, unless it is text."""
    text = body if isinstance(body, str) else json.dumps(body)
    return (head(status, kind=kind, **headers), piece(text) if text else b"", END)


async def refusing() -> str:
    """An address at which nobody listens."""
    async with Server(()) as server:
        return server.url
