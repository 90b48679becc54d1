import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from structlog.testing import capture_logs

from application.ports.run_log import SlowReader
from domain.access import Grant, Role, access_topic
from domain.errors import Unavailable
from domain.ids import UserId, WorkspaceId
from entrypoints.http.edge.limits import StreamSlots
from entrypoints.http.edge.streams import Frames, OpenStreams, ServerEvent
from tests.entrypoints.http.edge.world import CALLERS, CONVERSATION_ID, NOTE, OWNER, VISITOR, Impatient, World, problem

STREAM = f"/api/v1/public/conversations/{CONVERSATION_ID}/stream"


class Source:
    """A source of events that tells when it was closed."""

    def __init__(self, events: Iterable[ServerEvent | None] = (), *, forever: bool = False) -> None:
        self.events = events
        self.forever = forever
        self.closed = asyncio.Event()
        self.begun = asyncio.Event()

    async def frames(self) -> Frames:
        try:
            self.begun.set()
            for event in self.events:
                yield event
            if self.forever:
                await asyncio.Event().wait()
        finally:
            self.closed.set()


@asynccontextmanager
async def reading(
    port: int, behind: bytes = b"", headers: Mapping[str, str] = VISITOR
) -> AsyncGenerator[asyncio.StreamReader, None]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {STREAM} HTTP/1.1\r\nHost: x\r\nAuthorization: {headers['Authorization']}\r\n\r\n"
    writer.write(head.encode() + behind)
    try:
        async with asyncio.timeout(20):
            yield reader
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def test_an_event_is_told_on_lines_of_its_own() -> None:
    event = ServerEvent("delta", {"text_chunk": "a\nb\r\u2028é", "offset": 0}, "1-1-2")

    assert event.encode() == ('id: 1-1-2\nevent: delta\ndata: {"text_chunk":"a\\nb\\r\u2028é","offset":0}\n\n'.encode())
    assert ServerEvent("job", {"id": NOTE}).encode() == f'event: job\ndata: {{"id":"{NOTE}"}}\n\n'.encode()


async def test_a_stream_tells_its_events_in_order_and_ends(client: httpx.AsyncClient, world: World) -> None:
    source = Source([ServerEvent("a", 1, "1"), None, ServerEvent("b", 2, "2")])
    world.frames = source.frames

    response = await client.get(STREAM, headers=VISITOR)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    assert "content-length" not in response.headers
    assert response.text == "retry: 1000\n\nid: 1\nevent: a\ndata: 1\n\nid: 2\nevent: b\ndata: 2\n\n"
    assert source.closed.is_set()


async def test_head_of_a_stream_opens_none(client: httpx.AsyncClient, world: World) -> None:
    source = Source([ServerEvent("a", 1)], forever=True)
    world.frames = source.frames

    response = await client.head(STREAM, headers=VISITOR)

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.content == b""
    assert not source.begun.is_set()


async def test_a_silent_stream_pings(world: World) -> None:
    source = Source(forever=True)
    world.frames = source.frames

    async with world.served(ping_seconds=0.01) as (_, port), reading(port) as reader:
        for _ in range(3):
            await reader.readuntil(b": ping\n\n")


async def test_a_stream_that_speaks_does_not_ping(world: World) -> None:
    source = Source([ServerEvent("a", 1)] * 3, forever=True)
    world.frames = source.frames

    async with world.served(ping_seconds=60) as (_, port), reading(port) as reader:
        told = await reader.readuntil(b"data: 1\n\n\r\n")

    assert b"ping" not in told


async def test_a_client_that_goes_away_closes_the_source(world: World) -> None:
    source = Source([ServerEvent("a", 1)], forever=True)
    world.frames = source.frames

    async with world.served() as (server, port):
        async with reading(port) as reader:
            await reader.readuntil(b"data: 1")
            assert len(server.streams) == 1
        async with asyncio.timeout(10):
            await source.closed.wait()
            while len(server.streams):  # noqa: ASYNC110 (the place is given back a step later)
                await asyncio.sleep(0)


async def test_a_stopping_server_ends_its_streams_first(world: World) -> None:
    source = Source([ServerEvent("a", 1)], forever=True)
    world.frames = source.frames

    async with world.served() as (server, port), reading(port) as reader:
        await reader.readuntil(b"data: 1")
        server.should_exit = True
        rest = await reader.read()

    assert rest.endswith(b"0\r\n\r\n")
    assert source.closed.is_set()


async def test_an_address_may_only_open_so_many(world: World) -> None:
    source = Source(forever=True)
    world.frames = source.frames

    async with world.served(limit_streams=1) as (_, port):
        async with reading(port) as first:
            await first.readuntil(b"retry: 1000")
            async with reading(port) as second:
                refused = await second.readuntil(b"}")
                assert refused.startswith(b"HTTP/1.1 429")
                assert b"retry-after: 5" in refused
                assert b'"code":"limited"' in refused
        async with asyncio.timeout(10):
            await source.closed.wait()
        async with reading(port) as third:
            assert (await third.readline()).startswith(b"HTTP/1.1 200")


async def test_a_source_that_never_waits_does_not_keep_others_waiting(world: World) -> None:
    ended = asyncio.Event()

    async def flood() -> Frames:
        while not ended.is_set():
            yield None

    world.frames = flood
    async with world.client() as client:
        task = asyncio.create_task(client.get(STREAM, headers=VISITOR))
        assert (await client.get("/healthz")).status_code == 200
        ended.set()
        assert (await task).status_code == 200


async def test_a_source_that_floods_a_client_that_left_is_closed(world: World) -> None:
    source = Source(iter(lambda: ServerEvent("a", "x" * 1000), None))
    world.frames = source.frames

    async with world.served() as (_, port):
        async with reading(port) as reader:
            await reader.readuntil(b"event: a")
        async with asyncio.timeout(10):
            await source.closed.wait()


async def test_a_source_that_fails_ends_the_stream_and_is_logged(client: httpx.AsyncClient, world: World) -> None:
    async def broken() -> Frames:
        yield ServerEvent("a", 1)
        raise ValueError("hunter2")

    world.frames = broken
    with capture_logs() as logs:
        response = await client.get(STREAM, headers=VISITOR)

    assert response.text.endswith("event: a\ndata: 1\n\n")
    assert [line["log_level"] for line in logs] == ["error", "info"]


async def test_a_timeout_within_a_source_is_a_failure_too(client: httpx.AsyncClient, world: World) -> None:
    async def slow() -> Frames:
        yield ServerEvent("a", 1)
        raise TimeoutError

    world.frames = slow
    with capture_logs() as logs:
        await client.get(STREAM, headers=VISITOR)

    assert logs[0]["log_level"] == "error"


async def test_a_source_that_is_away_ends_the_stream_with_a_line(client: httpx.AsyncClient, world: World) -> None:
    async def cut_off() -> Frames:
        yield ServerEvent("a", 1)
        raise Unavailable

    world.frames = cut_off
    with capture_logs() as logs:
        response = await client.get(STREAM, headers=VISITOR)

    assert response.text.endswith("event: a\ndata: 1\n\n")
    assert [line["log_level"] for line in logs] == ["warning", "info"]
    assert not any("exc_info" in line for line in logs)


async def test_a_slow_reader_is_dropped_without_a_fuss(client: httpx.AsyncClient, world: World) -> None:
    async def lagging() -> Frames:
        yield ServerEvent("a", 1)
        raise SlowReader

    world.frames = lagging
    with capture_logs() as logs:
        response = await client.get(STREAM, headers=VISITOR)

    assert response.status_code == 200
    assert [line["log_level"] for line in logs] == ["info", "info"]


async def test_a_reader_that_takes_nothing_is_dropped(world: World) -> None:
    source = Source([ServerEvent("a", 1)], forever=True)
    world.frames = source.frames
    app = world.app(ping_seconds=0.01)
    app.state.open_streams.patience_seconds = 0.01
    stuck = asyncio.Event()

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            stuck.set()
            await asyncio.Event().wait()

    scope = {
        "type": "http",
        "method": "GET",
        "path": STREAM,
        "raw_path": STREAM.encode(),
        "query_string": b"",
        "headers": [(b"authorization", VISITOR["Authorization"].encode())],
        "client": ("192.0.2.1", 1),
        "server": None,
        "scheme": "http",
        "root_path": "",
    }
    async with asyncio.timeout(10):
        await app(scope, receive, send)

    assert stuck.is_set()
    assert len(app.state.open_streams) == 0


async def test_a_pipelined_request_behind_a_stream_does_not_end_it(world: World) -> None:
    source = Source(forever=True)
    world.frames = source.frames
    waiting = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

    async with world.served(Impatient, ping_seconds=0.02) as (_, port), reading(port, behind=waiting) as reader:
        for _ in range(2 * round(Impatient.head_seconds / 0.02)):
            await reader.readuntil(b": ping\n\n")

    assert source.begun.is_set()


async def test_no_stream_opens_while_the_server_stops(world: World) -> None:
    source = Source(forever=True)
    world.frames = source.frames
    app = world.app()
    app.state.open_streams.close()

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://flightdeck.test") as client:
        problem(await client.get(STREAM, headers=VISITOR), 503, "unavailable")

    assert len(app.state.open_streams) == 0


_HERE, _THERE = WorkspaceId(UUID(int=1)), WorkspaceId(UUID(int=2))


def _as(world: World, **grants: Role) -> None:
    """The owner of the token is this in the workspaces `here` and `there` from now on."""
    places = {"here": _HERE, "there": _THERE}
    granted = {places[name]: Grant.of(role) for name, role in grants.items()}
    world.identify.callers["fd_key_owner"] = replace(CALLERS["fd_key_owner"], grants=granted)


async def _rung(world: World) -> None:
    """The bell has rung for the owner, who is looked at anew."""
    looks = len(world.identify.seen)
    await world.bell.ring([access_topic(UserId(CALLERS["fd_key_owner"].actor.id))])
    async with asyncio.timeout(20):
        while len(world.identify.seen) == looks:  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("left", [{}, {"there": Role.OWNER}, {"here": Role.VIEWER}, None], ids=str)
async def test_a_stream_ends_when_its_reader_loses_a_permission(world: World, left: dict[str, Role] | None) -> None:
    source = Source(forever=True)
    world.frames = source.frames
    _as(world, here=Role.ADMIN)
    async with world.served() as (_, port), reading(port, headers=OWNER) as reader:
        await reader.readuntil(b"retry: 1000")
        if left is None:
            del world.identify.callers["fd_key_owner"]
        else:
            _as(world, **left)
        await _rung(world)
        await reader.readuntil(b"\r\n0\r\n\r\n")
    assert source.closed.is_set()


async def test_a_stream_ends_that_began_while_its_reader_lost_a_permission(world: World) -> None:
    source = Source(forever=True)
    _as(world, here=Role.ADMIN)

    def frames() -> Frames:
        _as(world)
        return source.frames()

    world.frames = frames
    async with world.served() as (_, port), reading(port, headers=OWNER) as reader:
        await reader.readuntil(b"\r\n0\r\n\r\n")


async def test_a_stream_goes_on_when_its_reader_gains_a_permission_or_nobody_can_say(world: World) -> None:
    source = Source(forever=True)
    world.frames = source.frames
    _as(world, here=Role.MEMBER)
    async with world.served() as (_, port), reading(port, headers=OWNER) as reader:
        await reader.readuntil(b"retry: 1000")
        _as(world, here=Role.OWNER, there=Role.VIEWER)
        await _rung(world)
        world.identify.callers["fd_key_owner"] = None
        await _rung(world)
        assert not source.closed.is_set()
        _as(world, here=Role.VIEWER)
        await _rung(world)
        await reader.readuntil(b"\r\n0\r\n\r\n")


async def test_open_streams_are_counted(world: World) -> None:
    source = Source(forever=True)
    world.frames = source.frames

    async with world.served() as (_, port), reading(port) as reader:
        await reader.readuntil(b"retry: 1000")
        async with httpx.AsyncClient() as client:
            metrics = await client.get(f"http://127.0.0.1:{port}/metrics")

    assert "http_open_streams 1.0" in metrics.text


async def test_a_stream_does_not_distort_the_durations(client: httpx.AsyncClient, world: World) -> None:
    source = Source()
    world.frames = source.frames
    await client.get(STREAM, headers=VISITOR)

    text = (await client.get("/metrics")).text
    assert "/stream" in text
    assert not [line for line in text.splitlines() if "duration" in line and "/stream" in line]


async def test_closing_ends_what_has_begun_and_passes_over_the_rest() -> None:
    streams = OpenStreams(StreamSlots(None))
    until = asyncio.timeout(None)
    with streams.admit("local", until):
        streams.close()
    assert len(streams) == 0
