"""Event streams: how soon a reply shows, and what streams cost while nothing happens."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.seed import Visit, conversations, owners_workspace
from tests.benchmarks.stage import Served, Stage, module
from tests.benchmarks.table import Aim, Row, quantile
from tests.benchmarks.wire import request

NOTE = (
    "first delta: from the post to the first delta on an open stream, over API and worker processes and a model that "
    "answers at\nonce. Idle: streams of one API process, then events told to all of a workspace's activity streams, or "
    "to one of as many\nconversation streams. The floor is a bare Litestar route fed by a queue in its own process: no "
    "database, no Redis, no ping."
)
_CORE_SHARE = Aim(15.0, most=True)
_KILOBYTES = Aim(40.0, most=True)
_HANDLE = "harbour-studio"  # the owner's, by the demo business in it
_LOOK = {"content": "Do you have a table for four on Friday evening?"}


async def measure(stage: Stage) -> list[Row]:
    """The rows of this group."""
    rows = await _first_deltas(stage)
    for count, window in stage.scale.streams:
        rows += await _idle(stage, count, window)
    return rows


async def _first_deltas(stage: Stage) -> list[Row]:
    scale, owner = stage.scale, await owners_workspace(stage)
    rounds = min(3, scale.rounds)
    visits = await conversations(stage, [owner], scale.deltas * (rounds + scale.warm_ups))
    found: tuple[list[list[float]], list[list[float]]] = ([], [])
    async with _answering(stage) as ours, stage.floor() as floor:
        for number in range(rounds + scale.warm_ups):
            mine = visits[number * scale.deltas : (number + 1) * scale.deltas]
            measured = [
                await stage.ask("first_deltas", port=ours.port, pairs=_pairs(mine), mark="event: delta"),
                await stage.ask("first_deltas", port=floor.port, pairs=_bare_pairs(mine), mark="event: told"),
            ]
            for side, seconds in enumerate(measured):
                if number >= scale.warm_ups:
                    found[side].append([each * 1e3 for each in seconds])
    return [
        _latency("first delta, p50", 0.5, *found, Aim(10.0, most=True)),
        _latency("first delta, p99", 0.99, *found),
    ]


@asynccontextmanager
async def _answering(stage: Stage) -> AsyncGenerator[Served]:
    worker = module("instant_worker")
    async with stage.ours() as ours, stage.process("worker", worker, {"LOG_LEVEL": "info"}):
        yield ours


def _pairs(visits: Sequence[Visit]) -> list[tuple[str, str]]:
    return [(_stream(visit), _post(visit)) for visit in visits]


def _stream(visit: Visit) -> str:
    return request("GET", f"/api/v1/public/conversations/{visit.id}/stream?follow=true", visit.token)


def _post(visit: Visit) -> str:
    return request("POST", f"/api/v1/public/conversations/{visit.id}/messages", visit.token, _LOOK)


def _bare_pairs(visits: Sequence[Visit]) -> list[tuple[str, str]]:
    return [
        (request("GET", f"/streams/{visit.id}"), request("POST", f"/streams/{visit.id}", body=_LOOK))
        for visit in visits
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crowd:
    """Streams to be idle, and what tells each of `told_to` something."""

    streams: list[str]
    posts: list[str]
    mark: str
    told_to: list[list[int]]


async def _idle(stage: Stage, count: int, window: float) -> list[Row]:
    crowds = {"activity": await _activity(stage, count), "conversation": await _conversations(stage, count)}
    bare = _bare(stage, count)
    async with stage.floor() as floor:
        base = await _watched(stage, floor, bare, min(window, 10.0), 0.0)
    rows: list[Row] = []
    for kind, crowd in crowds.items():
        async with stage.ours() as ours:
            found = await _watched(stage, ours, crowd, window, stage.scale.settle)
        rows += _figures(f"{count:,} {kind} streams", found, base, window)
    return rows


async def _watched(stage: Stage, served: Served, crowd: _Crowd, window: float, settle: float) -> dict[str, Any]:
    found: dict[str, Any] = await stage.ask(
        "idle",
        port=served.port,
        pid=served.pid,
        window=window,
        settle=settle,
        database_url=stage.database_url,
        crowd=asdict(crowd),
    )
    return found


def _figures(name: str, found: dict[str, Any], base: dict[str, Any], window: float) -> list[Row]:
    to_all = name.endswith("activity streams")
    told = [
        Row(
            name=f"{name}: told {'to all' if to_all else 'to one'}, {share}",
            unit="ms",
            ours=[found[share] * 1e3],
            floor=[base[share] * 1e3] if to_all else [],
        )
        for share in ("p50", "p99")
    ]
    return [
        Row(
            name=f"{name}: memory each",
            unit="kB",
            ours=[found["bytes"] / 1e3],
            floor=[base["bytes"] / 1e3],
            aim=_KILOBYTES,
        ),
        Row(
            name=f"{name}: idle",
            unit="% of a core",
            ours=[found["cpu"] * 100],
            floor=[base["cpu"] * 100],
            aim=_CORE_SHARE,
        ),
        Row(
            name=f"{name}: in {window:.0f} s",
            unit="connections that asked",
            ours=[found["asking"]],
            aim=Aim(0, most=True),
        ),
        *told,
    ]


def _latency(
    name: str, share: float, ours: Sequence[Sequence[float]], floor: Sequence[Sequence[float]], aim: Aim | None = None
) -> Row:
    figures = ([quantile(each, share) for each in side] for side in (ours, floor))
    return Row(name=name, unit="ms", ours=next(figures), floor=next(figures), aim=aim)


async def _activity(stage: Stage, count: int) -> _Crowd:
    owner = await owners_workspace(stage)
    sent = request("GET", f"/api/v1/workspaces/{owner}/activity/stream", stage.token)
    begin = request("POST", "/api/v1/public/conversations", body={"workspace_handle": _HANDLE})
    times = stage.scale.deliveries
    return _Crowd(
        streams=[sent] * count, posts=[begin] * times, mark="event: activity", told_to=[list(range(count))] * times
    )


async def _conversations(stage: Stage, count: int) -> _Crowd:
    visits = await conversations(stage, [await owners_workspace(stage)], count)
    times = stage.scale.deliveries * 3
    places = [number * 7919 % count for number in range(times)]
    posts = [
        request("POST", f"/api/v1/conversations/{visits[place].id}/messages", stage.token, {"content": "I am here."})
        for place in places
    ]
    return _Crowd(
        streams=[_stream(visit) for visit in visits],
        posts=posts,
        mark="event: message",
        told_to=[[place] for place in places],
    )


def _bare(stage: Stage, count: int) -> _Crowd:
    times = stage.scale.deliveries
    return _Crowd(
        streams=[request("GET", "/streams/all")] * count,
        posts=[request("POST", "/streams/all", body=_LOOK)] * times,
        mark="event: told",
        told_to=[list(range(count))] * times,
    )
