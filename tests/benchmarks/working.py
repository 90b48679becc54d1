"""The processes that add and run jobs: one measurement as JSON on standard input, its figures on standard output."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import uvloop

from tests.benchmarks.queues import Happened, Jobs, opened

_ADDING = 10  # at a time
_STOPPING = 2.0  # seconds


def _nothing(_key: str) -> None:
    pass


async def throughput(jobs: Jobs, count: int) -> dict[str, float]:
    """Jobs a second, from the first being added to the last end being stored, all in this process; its CPU for each."""
    ended, done = 0, asyncio.Event()
    wanted = _ADDING

    def count_one(_key: str) -> None:
        nonlocal ended
        ended += 1
        if ended >= wanted:
            done.set()

    async with _working(jobs, _nothing, count_one):
        await _add(jobs, _ADDING)  # what is made once is made now
        await done.wait()
        ended, wanted = 0, count
        done.clear()
        began, used = time.monotonic(), time.process_time()
        await _add(jobs, count)
        await done.wait()
        used = time.process_time() - used
        return {"per_second": count / (time.monotonic() - began), "cpu": used / count * 1e6}


async def adding(jobs: Jobs, count: int) -> dict[str, float]:
    """When each job was about to be added; the jobs are run by another process."""
    await _add(jobs, _ADDING)  # what is made once is made now
    await asyncio.sleep(0.2)
    keys = dict[str, float]()
    for number in range(count):
        began = time.monotonic()
        keys[await jobs.add()] = began
        await asyncio.sleep(0.005 + number % 10 / 1000)
    await asyncio.sleep(0.2)
    return keys


async def worker(jobs: Jobs) -> None:
    """Runs jobs, and prints a line for each: when it began, and its key."""

    def tell(key: str) -> None:
        sys.stdout.write(f"{time.monotonic()} {key}\n")
        sys.stdout.flush()

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await jobs.work(tell, _nothing)


async def _add(jobs: Jobs, count: int) -> None:
    left = iter(range(count))

    async def add() -> None:
        for _ in left:
            await jobs.add()

    async with asyncio.TaskGroup() as group:
        for _ in range(_ADDING):
            group.create_task(add())


@asynccontextmanager
async def _working(jobs: Jobs, begun: Happened, ended: Happened) -> AsyncGenerator[None]:
    work = asyncio.create_task(jobs.work(begun, ended))
    try:
        yield
    finally:
        # Again and again: a slot of SAQ's on PostgreSQL overhears a cancellation that comes with a notification, which
        # `asyncio.wait_for` of Python 3.11 drops, and SAQ's stop then waits for that slot for ever.
        while not work.done():
            work.cancel()
            await asyncio.wait([work], timeout=_STOPPING)
        if not work.cancelled():
            work.result()


KINDS: dict[str, Any] = {"throughput": throughput, "adding": adding, "worker": worker}


async def _measured(kind: str, queue: str, database_url: str, redis_url: str, home: str, **given: Any) -> Any:
    async with opened(queue, database_url, redis_url, home) as jobs:
        return await KINDS[kind](jobs, **given)


def main() -> None:
    given = json.loads(sys.argv[1] if len(sys.argv) > 1 else sys.stdin.read())
    # The loop that our worker runs on; SAQ's would be asyncio's own, which is slower for both.
    found = uvloop.run(_measured(**given))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
