"""The process that asks: one measurement as JSON on standard input, its figures as JSON on standard output."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, LiteralString

import psutil
import psycopg
import uvloop
from psycopg.conninfo import conninfo_to_dict

from tests.benchmarks.table import quantile
from tests.benchmarks.wire import Connection, Stream

_OPENING = 50  # at a time
_PATIENCE = 30.0  # seconds


async def requests(port: int, sent: Sequence[str], connections: int) -> dict[str, Any]:
    """Asks all, the next on each connection when the one before is answered."""
    latencies = list[float]()
    opened = [await Connection.open(port) for _ in range(connections)]
    left = iter(sent)

    async def ask_on(connection: Connection) -> None:
        for each in left:
            began = time.monotonic()
            await connection.ask(each)
            latencies.append(time.monotonic() - began)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for connection in opened:
            group.create_task(ask_on(connection))
    seconds = time.monotonic() - began
    for connection in opened:
        connection.close()
    return {"seconds": seconds, "p99": quantile(latencies, 0.99)}


async def body(port: int, sent: str) -> Any:
    """The JSON of one answer."""
    return json.loads(await (await Connection.open(port)).ask(sent))


async def first_deltas(port: int, pairs: Sequence[tuple[str, str]], mark: str) -> list[float]:
    """For each stream and post: seconds from the post to the first piece with this mark on the stream, open before."""
    seconds = list[float]()
    connection = await Connection.open(port)
    for stream, post in pairs:
        following = await Stream.open(port, stream)
        told, began = following.told(mark.encode()), time.monotonic()
        async with asyncio.timeout(_PATIENCE):
            await connection.ask(post)
            seconds.append(await told - began)
        await asyncio.sleep(0.01)  # what comes after the first piece is not to slow the next one down
        following.close()
    return seconds


async def idle(
    port: int, pid: int, window: float, settle: float, database_url: str, crowd: dict[str, Any]
) -> dict[str, Any]:
    """Opens the crowd's streams, watches the server while they are idle, then has each post told to those it is for."""
    streams: Sequence[str] = crowd["streams"]
    told_to: Sequence[Sequence[int]] = crowd["told_to"]
    await _open(port, streams[:1])  # so that what is made once is not counted
    server = psutil.Process(pid)
    before = server.memory_info().rss
    opened = await _open(port, streams)
    grown = server.memory_info().rss - before
    await asyncio.sleep(settle)
    began, used = await _now(database_url), _cpu_seconds(server)
    await asyncio.sleep(window)
    used, asked = _cpu_seconds(server) - used, await _asking_since(database_url, began)
    connection, latencies = await Connection.open(port), list[float]()
    for post, places in zip(crowd["posts"], told_to, strict=True):
        latencies += await _told(connection, post, [opened[place] for place in places], crowd["mark"].encode())
        await asyncio.sleep(settle / 50)
    return {
        "bytes": grown / len(streams),
        "cpu": used / window,
        "asking": asked,
        "p50": quantile(latencies, 0.5),
        "p99": quantile(latencies, 0.99),
    }


async def _told(connection: Connection, post: str, streams: Sequence[Stream], mark: bytes) -> list[float]:
    told = [stream.told(mark) for stream in streams]
    began = time.monotonic()
    async with asyncio.timeout(_PATIENCE):
        await connection.ask(post)
        return [at - began for at in await asyncio.gather(*told)]


async def _open(port: int, streams: Sequence[str]) -> list[Stream]:
    opened: list[Stream] = []
    for some in _batches(streams):
        opened += await asyncio.gather(*(Stream.open(port, each) for each in some))
    return opened


def _batches(streams: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(streams), _OPENING):
        yield streams[begin : begin + _OPENING]


async def _now(url: str) -> datetime:
    """The server's own time."""
    now: datetime = await _answer(url, "select clock_timestamp()")
    return now


async def _asking_since(url: str, began: datetime) -> int:
    """How many connections to the database have asked something since; its own upkeep has none, and does not count."""
    asking: int = await _answer(
        url,
        "select count(*) from pg_stat_activity"
        " where backend_type = 'client backend' and datname = %s and query_start >= %s",
        conninfo_to_dict(url)["dbname"],
        began,
    )
    return asking


async def _answer(url: str, query: LiteralString, *values: object) -> Any:
    """The one value, asked of another database, so that the question is not counted."""
    async with await psycopg.AsyncConnection.connect(url, dbname="postgres", autocommit=True) as connection:
        row = await (await connection.execute(query, values)).fetchone()
        assert row is not None
        return row[0]


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


KINDS: dict[str, Any] = {"requests": requests, "body": body, "first_deltas": first_deltas, "idle": idle}


def main() -> None:
    given = json.loads(sys.stdin.read())
    measured = uvloop.run(KINDS[given.pop("kind")](**given))
    sys.stdout.write(json.dumps(measured))


if __name__ == "__main__":
    main()
