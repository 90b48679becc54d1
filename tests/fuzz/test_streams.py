"""Streams, asked for with ids of every sort and read by clients that misbehave."""

import socket
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from uuid import uuid4

import httpx
import psutil
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.conftest import Target
from tests.http.operations import API, OPERATIONS, Operation
from tests.processes import eventually
from tests.soak import amount

pytestmark = pytest.mark.no_cover  # what is tried runs in a process of its own

STREAMS = [operation for operation in OPERATIONS if operation.path.endswith("/stream")]
CROWD = 60
_API_PROCESS = "--sockets"

_NUMBERS = st.integers(-1, 3) | st.integers(-(2**70), 2**70)
_LIKE_OURS = st.lists(_NUMBERS.map(str), min_size=1, max_size=5).map("-".join)
_BYTES = st.binary(max_size=40).map(lambda sent: sent.translate(None, b"\r\n"))
_IDS = _LIKE_OURS.map(str.encode) | st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace")) | _BYTES


def _connected(target: Target, buffer: int | None = None) -> socket.socket:
    connection = socket.socket()
    connection.settimeout(20)
    if buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.connect(("127.0.0.1", target.instance.port))
    return connection


def _request(target: Target, operation: Operation, *headers: bytes, query: str = "") -> bytes:
    token = target.headers(operation.permission)["Authorization"].encode()
    path = f"{operation.path.format_map(target.ids)}{query}".encode()
    lines = [b"GET " + path + b" HTTP/1.1", b"Host: localhost", b"Authorization: " + token, *headers]
    return b"\r\n".join(line.replace(b"\r", b"").replace(b"\n", b"") for line in lines) + b"\r\n\r\n"


def _status(target: Target, request: bytes) -> int:
    with closing(_connected(target)) as connection:
        connection.sendall(request)
        return int(connection.makefile("rb").readline().split()[1])


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("operation", STREAMS, ids=str)
@pytest.mark.parametrize("query", ["", "?follow=true", "?follow=nonsense", "?cursor=-1", "?since=%00"])
def test_no_last_event_id_is_our_failure(target: Target, operation: Operation, query: str) -> None:
    @given(sent=_IDS)
    @settings(max_examples=amount(60, 1_000))
    @example(b"")
    @example(b"1" * 5_000)
    @example(b"1-1-1," * 2_000)
    @example("१-१-१".encode())
    @example(b"1-1-1\x00")
    def answered(sent: bytes) -> None:
        assert _status(target, _request(target, operation, b"Last-Event-ID: " + sent, query=query)) < 500

    answered()


@pytest.mark.parametrize("operation", STREAMS, ids=str)
def test_thousands_of_ids_leave_nothing_behind(target: Target, operation: Operation) -> None:
    with _nothing_left(target):
        for number in range(amount(500, 5_000)):
            request = _request(target, operation, f"Last-Event-ID: {number}-1-{number}".encode())
            assert _status(target, request) in {200, 204}
    many = [b"Last-Event-ID: 1-1-1"] * 90
    assert _status(target, _request(target, operation, *many)) < 500


@pytest.mark.parametrize("operation", STREAMS, ids=str)
def test_readers_of_one_byte_leave_nothing_behind(target: Target, operation: Operation) -> None:
    with _nothing_left(target):
        for _ in range(amount(200, 2_000)):
            with closing(_connected(target)) as connection:
                connection.sendall(_request(target, operation, query="?follow=true"))
                assert connection.recv(1) == b"H"


def test_readers_that_never_read_keep_nobody_waiting(target: Target) -> None:
    (operation,) = (each for each in STREAMS if each.permission == "visitor")
    before = _memory(target)
    with _nothing_left(target), ExitStack() as crowd:
        for _ in range(CROWD):
            connection = crowd.enter_context(closing(_connected(target, buffer=1_024)))
            connection.sendall(_request(target, operation, query="?follow=true"))
        for _ in range(3):
            assert _answered(target)
        assert _memory(target) - before < CROWD * 2**20
    assert target.client.get("/readyz").json()["ready"]


def _answered(target: Target) -> bool:
    """Asks in the conversation that the crowd does not read, and reads the reply."""
    path = f"{API}/public/conversations/{target.ids['conversation_id']}"
    headers = dict(target.visitor)
    said = target.client.post(f"{path}/messages", json={"content": f"Hello {uuid4()}"}, headers=headers)
    said.raise_for_status()
    with target.client.stream("GET", f"{path}/stream", headers=headers) as answer:
        return any("event: message_end" in line for line in _lines(answer))


def _lines(answer: httpx.Response) -> Iterator[str]:
    yield from answer.iter_lines()


def _memory(target: Target) -> int:
    return target.instance.child(_API_PROCESS).memory_info().rss


@contextmanager
def _nothing_left(target: Target) -> Generator[None]:
    """Fails when clients' connections that were opened meanwhile stay open in the API."""
    target.client.get("/healthz").raise_for_status()  # whose connection stays
    process: psutil.Process = target.instance.child(_API_PROCESS)
    before = len(process.net_connections("tcp"))
    yield
    eventually(lambda: len(process.net_connections("tcp")) <= before)
