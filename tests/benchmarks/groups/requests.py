"""Reads and writes over HTTP, as many connections asking at once as a small team's clients do."""

import itertools
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.seed import Visit, conversations, owners_workspace, workspaces
from tests.benchmarks.stage import Failed, Served, Stage
from tests.benchmarks.table import Aim, Row
from tests.benchmarks.wire import request

NOTE = (
    "8 connections; ours is `flightdeck serve`, the floor bare Litestar routes with the same SQL by hand (the token's "
    "look-up\nincluded), which identify, log, count, limit and ring nothing. The posts go to 16 workspaces."
)
_CONNECTIONS = 8
_LISTED = 50
_WORKSPACES = 16
_CONVERSATIONS = 20  # to read

READS, WRITES = Aim(0.7, ratio=True), Aim(0.6, ratio=True)
Ask = Callable[[int], list[str]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One round of one side."""

    per_second: float
    cpu: float
    slowest: float


async def measure(stage: Stage) -> list[Row]:
    """The rows of this group."""
    owner = await owners_workspace(stage)
    read = await conversations(stage, [owner], _CONVERSATIONS, _LISTED)
    among = await workspaces(stage, _WORKSPACES)
    async with _both(stage) as (ours, floor):
        await _compare(stage, ours, floor, read[0])
        scale = stage.scale
        rows: list[Row] = []
        for name, path in (("list 50 messages", _messages), ("read one conversation", _one(stage.token))):
            sides = [_reading(path, read, scale.reads, floor=each) for each in (False, True)]
            rows += await _rows(stage, name, (ours, floor), sides, READS)
        for name, keyed in (("post a message", False), ("post it with Idempotency-Key", True)):
            sides = [await _posting(stage, among, floor=each, keyed=keyed) for each in (False, True)]
            rows += await _rows(stage, name, (ours, floor), sides, WRITES)
    return rows


@asynccontextmanager
async def _both(stage: Stage) -> AsyncGenerator[tuple[Served, Served]]:
    async with stage.ours() as ours, stage.floor() as floor:
        yield ours, floor


async def _compare(stage: Stage, ours: Served, floor: Served, visit: Visit) -> None:
    """Whether both sides say the same, as they would do work of different size else."""
    for path in (_messages, _one(stage.token)):
        said = await stage.ask("body", port=ours.port, sent=path(visit, floor=False))
        other = await stage.ask("body", port=floor.port, sent=path(visit, floor=True))
        for view in (said, other):
            view.pop("next_cursor", None)
        if said != other:
            raise Failed(f"The floor answers something else:\n{other}\n{said}")


async def _rows(stage: Stage, name: str, served: Sequence[Served], sides: Sequence[Ask], aim: Aim) -> list[Row]:
    measured: tuple[list[Measured], list[Measured]] = ([], [])
    for number in range(stage.scale.rounds + stage.scale.warm_ups):
        order = (0, 1) if number % 2 else (1, 0)  # so that neither always follows the other
        for side in order:
            found = await _round(stage, served[side], sides[side](number))
            if number >= stage.scale.warm_ups:
                measured[side].append(found)
    ours, floor = measured
    return [
        Row(name=name, unit="per s", ours=_all(ours, "per_second"), floor=_all(floor, "per_second"), aim=aim),
        Row(name="  its CPU in the API", unit="µs", ours=_all(ours, "cpu"), floor=_all(floor, "cpu")),
        Row(name="  its p99", unit="ms", ours=_all(ours, "slowest"), floor=_all(floor, "slowest")),
    ]


async def _round(stage: Stage, served: Served, sent: list[str]) -> Measured:
    used = served.cpu_seconds()
    found = await stage.ask("requests", port=served.port, sent=sent, connections=_CONNECTIONS)
    used = served.cpu_seconds() - used
    return Measured(len(sent) / found["seconds"], used / len(sent) * 1e6, found["p99"] * 1e3)


def _all(measured: Sequence[Measured], name: str) -> list[float]:
    return [getattr(each, name) for each in measured]


def _reading(path: Any, visits: Sequence[Visit], count: int, *, floor: bool) -> Ask:
    sent = [path(visit, floor=floor) for visit in visits]
    return lambda _number: list(itertools.islice(itertools.cycle(sent), count))


def _messages(visit: Visit, *, floor: bool) -> str:
    base = "" if floor else "/api/v1/public"
    return request("GET", f"{base}/conversations/{visit.id}/messages?limit={_LISTED}", visit.token)


def _one(token: str) -> Any:
    def one(visit: Visit, *, floor: bool) -> str:
        return request("GET", f"{'' if floor else '/api/v1'}/conversations/{visit.id}", token)

    return one


async def _posting(stage: Stage, among: Sequence[Any], *, floor: bool, keyed: bool) -> Ask:
    """Each round has conversations of its own, as only so many messages may wait in one."""
    scale = stage.scale
    fresh = scale.posts // scale.per_conversation
    visits = await conversations(stage, among, fresh * (scale.rounds + scale.warm_ups))
    base = ("/keyed" if keyed else "") if floor else "/api/v1/public"
    keys = _keys()

    def posts(number: int) -> list[str]:
        mine = visits[number * fresh : (number + 1) * fresh]
        return [
            request(
                "POST",
                f"{base}/conversations/{visit.id}/messages",
                visit.token,
                {"content": "Do you have a table for four on Friday evening?"},
                **({"idempotency_key": next(keys)} if keyed else {}),
            )
            for visit in mine * scale.per_conversation
        ]

    return posts


def _keys() -> Iterator[str]:
    return (f"key-{number}" for number in itertools.count())
