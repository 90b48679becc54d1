"""Jobs that do nothing: how many a second, how soon an idle worker begins one, and how soon orphans are run again."""

import asyncio
import json
import time
from collections.abc import Mapping

import psycopg

from tests.benchmarks.queues import CONCURRENCY, ON_POSTGRES, ON_REDIS, OURS
from tests.benchmarks.stage import READY_SECONDS, Failed, Stage, module
from tests.benchmarks.table import Aim, Row, quantile

NOTE = (
    f"no-op jobs, {CONCURRENCY} at a time; the floors are SAQ's own queues with SAQ's own settings. Throughput: adding "
    "and running\nin one process. Pickup: from before a job is added in one process to its begin in another, idle one. "
    "SAQ keeps no lease:\nwhat is lost with a worker is swept by its heartbeat, which is off unless a job sets one."
)
_FLOORS = (ON_REDIS, ON_POSTGRES)
_LEASE_SECONDS = 2.0

_ORPHANS = b"""
insert into jobs (id, type, payload, status, progress, attempt, failures, max_attempts, run_at, lease_until,
  cancel_asked, created_at, started_at)
select gen_random_uuid(), 'do_nothing', '{}', 'running', 0, 1, 0, 5, now(), now() + %s * interval '1 second',
  false, now(), now()
from generate_series(1, %s)
"""
_LEFT = b"select count(*) from jobs where type = 'do_nothing' and status in ('queued', 'running')"


async def measure(stage: Stage) -> list[Row]:
    """The rows of this group."""
    return [*await _throughput(stage), *await _pickups(stage), await _orphans(stage)]


async def _throughput(stage: Stage) -> list[Row]:
    found: dict[str, list[dict[str, float]]] = {OURS: [], ON_REDIS: [], ON_POSTGRES: []}
    for number in range(stage.scale.rounds):
        for queue in list(found)[:: 1 if number % 2 else -1]:
            count = stage.scale.jobs
            found[queue].append(await stage.tell("working", "throughput", count=count, **_where(stage, queue)))
    aims = {ON_REDIS: Aim(0.5, ratio=True), ON_POSTGRES: Aim(2.0, ratio=True)}
    rows: list[Row] = []
    for name, unit, figure in (("throughput", "per s", "per_second"), ("  its CPU in the process", "µs", "cpu")):
        all_of = {queue: [each[figure] for each in rounds] for queue, rounds in found.items()}
        rows += [
            Row(
                name=f"{name} beside {floor}",
                unit=unit,
                ours=all_of[OURS],
                floor=all_of[floor],
                aim=aims[floor] if figure == "per_second" else None,
            )
            for floor in _FLOORS
        ]
    return rows


async def _pickups(stage: Stage) -> list[Row]:
    found: dict[str, list[list[float]]] = {OURS: [], ON_REDIS: [], ON_POSTGRES: []}
    for _ in range(min(3, stage.scale.rounds)):
        for queue, rounds in found.items():
            rounds.append(await _pickup(stage, queue))
    rows: list[Row] = []
    for name, share, aim in (("p50", 0.5, None), ("p99", 0.99, Aim(10.0, most=True))):
        figures = {queue: [quantile(each, share) for each in rounds] for queue, rounds in found.items()}
        rows += [
            Row(name=f"pickup {name} beside {floor}", unit="ms", ours=figures[OURS], floor=figures[floor], aim=aim)
            for floor in _FLOORS
        ]
    return rows


async def _pickup(stage: Stage, queue: str) -> list[float]:
    """Milliseconds from the adding of each job to its begin."""
    async with stage.process("worker", _worker(stage, queue)):
        await _ready(stage)
        added: dict[str, float] = await stage.tell(
            "working", "adding", count=stage.scale.pickups, **_where(stage, queue)
        )
        begun = await _begun(stage, added)
    if missing := added.keys() - begun.keys():
        raise Failed(f"{queue}: {len(missing)} jobs were not begun")
    return [(begun[key] - at) * 1e3 for key, at in added.items()]


async def _orphans(stage: Stage) -> Row:
    async with stage.process("worker", _worker(stage, OURS)):
        await _ready(stage)
        seconds = [await _orphaned(stage) for _ in range(min(3, stage.scale.rounds))]
    name = f"{stage.scale.orphans:,} orphans run again after their lease"
    return Row(name=name, unit="s", ours=seconds, aim=Aim(10.0, most=True))


async def _orphaned(stage: Stage) -> float:
    lease = _LEASE_SECONDS if stage.scale.rounds > 1 else 0.1
    async with await psycopg.AsyncConnection.connect(stage.database_url, autocommit=True) as connection:
        await connection.execute(_ORPHANS, (lease, stage.scale.orphans))
        over = time.monotonic() + lease
        async with asyncio.timeout(READY_SECONDS):
            while True:
                row = await (await connection.execute(_LEFT)).fetchone()
                if row == (0,):
                    return time.monotonic() - over
                await asyncio.sleep(0.02)


def _where(stage: Stage, queue: str) -> dict[str, str]:
    home = str(stage.settings.flightdeck_home)
    return {"queue": queue, "database_url": stage.database_url, "redis_url": stage.redis_url, "home": home}


def _worker(stage: Stage, queue: str) -> tuple[str, ...]:
    return (*module("working"), json.dumps({"kind": "worker", **_where(stage, queue)}))


async def _ready(stage: Stage) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while "ready" not in stage.said("worker").read_text(encoding="utf-8"):  # noqa: ASYNC110 (nothing tells it)
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.5 if stage.scale.rounds > 1 else 0.1)  # it listens, and has had its first look


async def _begun(stage: Stage, added: Mapping[str, float]) -> dict[str, float]:
    """When each job began, by its key: all that were added, unless that takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    begun = _told(stage)
    while added.keys() - begun.keys() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
        begun = _told(stage)
    return begun


def _told(stage: Stage) -> dict[str, float]:
    lines = [line.split(" ", 1) for line in stage.said("worker").read_text(encoding="utf-8").splitlines()]
    return {words[1]: float(words[0]) for words in lines if len(words) == 2 and words[0].replace(".", "").isdigit()}
