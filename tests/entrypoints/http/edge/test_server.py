import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from entrypoints.http.edge.server import CANNOT_START, listen
from tests.entrypoints.http.edge.world import NOTE, OWNER, Impatient, World, exchange

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
PROGRAM = """
import sys
from pathlib import Path
from entrypoints.http.edge.server import serve
from entrypoints.http.edge.streams import ServerEvent
from tests.entrypoints.http.edge.world import World
import asyncio

async def frames():
    try:
        yield ServerEvent("a", 1)
        await asyncio.Event().wait()
    finally:
        print("stream closed", flush=True)

world = World(frames=frames)
async def ready():
    print("ready", flush=True)
app = world.app()
app.on_startup.append(ready)
try:
    serve(app, "127.0.0.1", int(sys.argv[1]))
finally:
    print("finally", flush=True)
"""


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as opened:
        port: int = opened.getsockname()[1]
        return port


async def test_a_connection_serves_one_request_after_the_other(world: World) -> None:
    async with world.served() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(HEALTH)
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_a_head_is_answered_without_a_body_and_without_a_complaint(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.served() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(LAST.replace(b"GET", b"HEAD"))
        answer = await reader.read()
        writer.close()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"content-length: " in head
    assert body == b""
    assert [
        record.getMessage() for record in caplog.records if record.name == "uvicorn.error" and record.exc_info
    ] == []


async def test_pipelined_requests_are_answered_in_order(world: World) -> None:
    nothing = HEALTH.replace(b"/healthz", b"/nothing")

    async with world.served() as (_, port):
        answers = await exchange(port, HEALTH + nothing + HEALTH * 20 + LAST)

    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"404", *[b"200"] * 21]


async def test_a_request_may_arrive_in_pieces(world: World) -> None:
    async with world.served() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for cut in (5, 20):
            writer.write(HEALTH[:cut])
            await writer.drain()
            writer.write(HEALTH[cut:])
            assert b"200" in await reader.readuntil(b"ok")
        writer.close()


async def test_a_large_body_is_no_large_head(world: World) -> None:
    body = b'{"title": "' + b"a" * 1_000_000 + b'"}'
    head = (
        f"POST /api/v1/notes HTTP/1.1\r\nHost: x\r\nAuthorization: {OWNER['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()

    async with world.served() as (_, port):
        answers = await exchange(port, (head + body) * 2 + LAST)

    assert answers.count(b"HTTP/1.1 201") == 2
    assert answers.count(b"HTTP/1.1 200") == 1


async def test_a_huge_header_is_refused_early(world: World) -> None:
    async with world.served() as (_, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nX-Huge: ")
        sent = 0
        with suppress(ConnectionError):
            while sent < 200_000_000:
                writer.write(b"a" * 65_536)
                await writer.drain()
                sent += 65_536
        # What the kernel and the transports take before the refusal is noticed.
        assert sent < 20_000_000
        writer.close()


async def test_a_huge_head_is_told_so(world: World) -> None:
    async with world.served() as (_, port):
        answer = await exchange(port, b"GET /healthz HTTP/1.1\r\n" + b"X-A: b\r\n" * 10_000)

    assert answer.startswith(b"HTTP/1.1 431")
    assert b"application/problem+json" in answer
    assert b"x-content-type-options: nosniff" in answer
    assert b'"code":"head_too_large"' in answer


async def test_a_huge_second_head_is_refused_too(world: World) -> None:
    async with world.served() as (_, port):
        answer = await exchange(port, HEALTH + b"GET /healthz HTTP/1.1\r\n" + b"X-A: b\r\n" * 200_000)

    assert answer.count(b"HTTP/1.1 200") <= 1
    assert answer.count(b"HTTP/1.1") <= 2


@pytest.mark.parametrize("sent", [b"", b"GET /healthz", b"GET /healthz HTTP/1.1\r\nX-A: "])
async def test_a_head_that_does_not_arrive_is_refused(world: World, sent: bytes) -> None:
    async with world.served(Impatient) as (_, port):
        answer = await exchange(port, sent)

    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"code":"timeout"' in answer


async def test_a_later_head_that_does_not_arrive_is_refused(world: World) -> None:
    async with world.served(Impatient) as (_, port):
        answer = await exchange(port, HEALTH + b"GET /hea")

    assert answer.count(b"HTTP/1.1 200") == 1
    assert b"HTTP/1.1 408" in answer


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01 nonsense\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_told_so(world: World, sent: bytes) -> None:
    async with world.served() as (_, port):
        answer = await exchange(port, sent)

    assert answer.startswith(b"HTTP/1.1 400")
    assert b'"code":"bad_request"' in answer


@pytest.mark.parametrize(("while_we_are", "until_it_arrives"), [(2.5, 0), (0.75, 0.5)])
async def test_a_pipelined_head_has_its_time_when_we_are_slow(
    world: World, while_we_are: float, until_it_arrives: float
) -> None:
    body = b'{"title":"a"}'
    slow = (
        f"POST /api/v1/notes HTTP/1.1\r\nHost: x\r\nAuthorization: {OWNER['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    world.units.going.clear()

    async with world.served(Impatient) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(slow + body)
        async with asyncio.timeout(10):
            await world.units.begun.wait()
        writer.write(HEALTH + LAST[:9])
        await asyncio.sleep(while_we_are * Impatient.head_seconds)
        world.units.going.set()
        await asyncio.sleep(until_it_arrives * Impatient.head_seconds)
        writer.write(LAST[9:])
        answers = await reader.read()
        writer.close()

    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"201", b"200", b"200"]


async def test_a_body_that_goes_on_after_its_answer_is_cut_off(world: World) -> None:
    head = b"POST /api/v1/notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n"
    async with world.served(Impatient) as (_, port):
        answer = await exchange(port, head + b"{")

    assert answer.startswith(b"HTTP/1.1 401")
    assert answer.count(b"HTTP/1.1") == 1


async def test_an_upgrade_is_answered_as_plain_http(world: World) -> None:
    asked = LAST.replace(b"Connection: close", b"Connection: Upgrade, close\r\nUpgrade: websocket")
    async with world.served() as (_, port):
        answer = await exchange(port, asked)

    assert answer.startswith(b"HTTP/1.1 200")


async def test_the_peer_is_not_believed_about_where_a_request_comes_from(world: World) -> None:
    head = LAST.replace(b"Host: x", b"Host: x\r\nX-Forwarded-For: 198.51.100.9\r\nX-Forwarded-Proto: https")
    async with world.served() as (server, port):
        assert not server.config.proxy_headers
        assert (await exchange(port, head)).startswith(b"HTTP/1.1 200")


def test_what_is_written_to_a_connection_is_sent_at_once() -> None:
    (opened,) = listen("127.0.0.1", 0)
    with closing(opened), closing(socket.create_connection(opened.getsockname())):
        accepted, _ = opened.accept()
        with closing(accepted):
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_port_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            listen("127.0.0.1", port)

    assert ended.value.code == CANNOT_START == 78
    assert capsys.readouterr().err == (
        f"Port {port} is taken: stop what listens there, or choose another with PORT={port + 1}. "
        "A second Flightdeck needs another FLIGHTDECK_HOME too.\n"
    )


@pytest.mark.parametrize("host", ["198.51.100.9", "nothing.invalid"])
def test_an_address_that_is_not_ours_is_said_plainly(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        listen(host, free_port())

    assert ended.value.code == CANNOT_START
    assert capsys.readouterr().err.startswith(f"HOST={host} is ")


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 0)])
def test_a_signal_ends_streams_and_lets_the_program_finish(sent: signal.Signals, code: int) -> None:
    program, port = _serving()
    try:
        path = f"/api/v1/public/conversations/{NOTE}/stream"
        with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as opened:
            opened.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fd_visitor_v\r\n\r\n".encode())
            told = b""
            while b"data: 1" not in told:
                told += opened.recv(65_536)
            program.send_signal(sent)
            out, err = program.communicate(timeout=20)
    finally:
        program.kill()
        program.wait()

    lines = [line for line in out.splitlines() if "[info" not in line]
    assert lines == ["stream closed", "finally"]
    assert "Traceback" not in err
    assert program.returncode == code


def _serving() -> tuple[subprocess.Popen[str], int]:
    """The program, ready, and its port: another one where somebody took the first before the program could."""
    root = Path(__file__).parents[4]
    for port in (free_port() for _ in range(3)):
        program = subprocess.Popen(  # noqa: S603 (ours)
            [sys.executable, "-W", "error", "-c", PROGRAM, str(port)],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert program.stdout
        if program.stdout.readline() == "ready\n":
            return program, port
        _, err = program.communicate(timeout=20)
        assert program.returncode == CANNOT_START, err
    raise AssertionError("Three free ports were taken.")
