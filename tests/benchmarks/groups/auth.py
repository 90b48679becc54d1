"""What it costs to know who asks: the same read by a key, a session, a token of an issuer outside, and by anybody."""

import itertools
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.ids import WorkspaceId
from entrypoints.supervisor.embedded import Urls
from tests.adapters.oidc.signing import CLERK, PARTY, jwk, jwks
from tests.benchmarks.people import crowd, jwt
from tests.benchmarks.seed import owners_workspace
from tests.benchmarks.stage import Served, Stage, module, staged
from tests.benchmarks.table import Aim, Row
from tests.benchmarks.wire import request
from tests.databases import new_database
from tests.wire.server import Server, plain

NOTE = (
    "8 connections read a workspace. The floor is a route of the same process that reads it for anybody; what is more "
    "than it stands\nbeside what `select 1` is more. The floor of the rows with many users are ours with few, in "
    "another database with an API of its\nown. Each user has a key, a session and an identity of an issuer on "
    "loopback; up to 1,000, spread over all, ask by turns. Each\nminute the use of a key or session is noted."
)
_CONNECTIONS = 8
_MOST_CPU = Aim(60.0, most=True)
_FLAT = Aim(0.9, ratio=True)
_KINDS = {"keys": "a key", "sessions": "a session", "jwts": "a JWT"}

Ask = Callable[[int], list[str]]


@dataclass(frozen=True, slots=True)
class Side:
    """Who is asked, and by whom; `ask` gives the requests of a round."""

    served: Served
    ask: Ask


@dataclass(frozen=True, slots=True)
class Measured:
    """One round of one side; `cpu` is that of the API for a request, in microseconds."""

    per_second: float
    cpu: float


async def measure(stage: Stage) -> list[Row]:
    """The rows of this group."""
    few, many = stage.scale.users
    urls = Urls(database=stage.database_url, redis=stage.redis_url)
    (folder := stage.folder / "many").mkdir()
    async with (
        Server(plain(200, jwks(jwk("rsa")).decode())) as issuer,
        new_database(urls) as url,
        staged(stage.scale, url, urls.redis, folder) as crowded,
        _sides(stage, issuer, few) as among_few,
        _sides(crowded, issuer, many) as among_many,
    ):
        sides = {f"{name} of few": side for name, side in among_few.items()}
        found = await _rounds(stage, sides | {kind: among_many[kind] for kind in _KINDS})
    nobody, query = found["nobody of few"], found["a query of few"]
    rows = list[Row]()
    for kind, name in _KINDS.items():
        known = found[f"{kind} of few"]
        rows += _beside_nobody(f"read with {name}", known, nobody, query, _MOST_CPU)
        flat = f"  among {many:,} users instead of {few:,}"
        rows += [Row(name=flat, unit="per s", ours=_speeds(found[kind]), floor=_speeds(known), aim=_FLAT)]
    return [*rows, *_beside_nobody("read with a JWT never seen before", found["unseen of few"], nobody, query)]


@asynccontextmanager
async def _sides(stage: Stage, issuer: Server, users: int) -> AsyncGenerator[Mapping[str, Side]]:
    """Each way to ask the process over this database, in which there are so many users."""
    reads, workspace_id = stage.scale.reads, await owners_workspace(stage)
    tokens = await crowd(stage, workspace_id, users, min(users, max(1, reads // 2)))
    settings = {"AUTH_MODE": "local,clerk", "CLERK_ISSUER": CLERK, "CLERK_AUTHORIZED_PARTIES": PARTY}
    async with stage.ours(module("anonymous"), CLERK_JWKS_URL=issuer.url, **settings) as served:
        path = f"workspaces/{workspace_id}"
        yield {
            "nobody": Side(served, _by([None], f"anonymous/{path}", reads)),
            "a query": Side(served, _by([None], f"queried/{path}", reads)),
            **{kind: Side(served, _by(getattr(tokens, kind), path, reads)) for kind in _KINDS},
            "unseen": Side(served, _unseen(workspace_id, users, max(1, reads // 4))),
        }


def _by(tokens: Sequence[str | None], path: str, reads: int) -> Ask:
    sent = [request("GET", f"/api/v1/{path}", token) for token in tokens]
    return lambda _number: list(itertools.islice(itertools.cycle(sent), reads))


def _unseen(workspace_id: WorkspaceId, users: int, reads: int) -> Ask:
    def ask(number: int) -> list[str]:
        fresh = (jwt(1 + place % users, jti=f"{number}-{place}") for place in range(reads))
        return [request("GET", f"/api/v1/workspaces/{workspace_id}", token) for token in fresh]

    return ask


async def _rounds(stage: Stage, sides: Mapping[str, Side]) -> Mapping[str, list[Measured]]:
    found: dict[str, list[Measured]] = defaultdict(list)
    for number in range(stage.scale.rounds + stage.scale.warm_ups):
        for name in list(sides)[:: 1 if number % 2 else -1]:  # so that none always follows the same
            measured = await _round(stage, sides[name], number)
            if number >= stage.scale.warm_ups:
                found[name].append(measured)
    return found


async def _round(stage: Stage, side: Side, number: int) -> Measured:
    sent, used = side.ask(number), side.served.cpu_seconds()
    found = await stage.ask("requests", port=side.served.port, sent=sent, connections=_CONNECTIONS)
    used = side.served.cpu_seconds() - used
    return Measured(len(sent) / found["seconds"], used / len(sent) * 1e6)


def _beside_nobody(
    name: str, ours: Sequence[Measured], nobody: Sequence[Measured], query: Sequence[Measured], aim: Aim | None = None
) -> list[Row]:
    more, least = _more(ours, nobody), _more(query, nobody)
    return [
        Row(name=name, unit="per s", ours=_speeds(ours), floor=_speeds(nobody)),
        Row(name="  its CPU in the API", unit="µs", ours=_cpu(ours), floor=_cpu(nobody)),
        Row(name="  more than the floor's", unit="µs", ours=more, floor=least, aim=aim),
    ]


def _more(ours: Sequence[Measured], nobody: Sequence[Measured]) -> list[float]:
    return [mine - theirs for mine, theirs in zip(_cpu(ours), _cpu(nobody), strict=True)]


def _cpu(measured: Sequence[Measured]) -> list[float]:
    return [each.cpu for each in measured]


def _speeds(measured: Sequence[Measured]) -> list[float]:
    return [each.per_second for each in measured]
