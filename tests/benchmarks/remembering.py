"""Memories added, and profiles read, by ours and by hand."""

import itertools
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from adapters.memory.bell import MemoryBell
from adapters.postgres.memory_profiles import PostgresMemoryProfileViews
from adapters.postgres.memory_views import PostgresMemoryViews
from adapters.postgres.passage_search import PostgresPassageSearch
from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Connection, Database
from adapters.postgres.unit_of_work import PostgresUnits
from adapters.snowball.stemmer import SnowballStemmer
from adapters.system.clock import SystemClock
from application.memories.add_memory import AddMemory
from application.memories.find_similar import FindSimilar
from application.memories.read_profile import ReadProfile
from domain.access import Caller
from tests.benchmarks.library import Author
from tests.benchmarks.recorded import Recording, as_new, replay
from tests.benchmarks.searching import AT_ONCE, per_second
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Aim, Row

_ADD, _READ = Aim(0.6, ratio=True), Aim(0.7, ratio=True)


@dataclass(frozen=True, slots=True)
class _Side:
    """The use cases over one pool of connections."""

    add: AddMemory
    read: ReadProfile


async def remembering(stage: Stage) -> list[Row]:
    """The rows of adding a memory and of reading a profile."""
    caller: Caller = await stage.container.ports.callers().of_token(stage.token)
    (workspace_id,) = caller.grants
    author, numbers = Author(seed=2), itertools.count()
    async with (
        _side(stage, Connection) as ours,
        _side(stage, Recording) as noted,
        open_pool(stage.database_url, AT_ONCE) as hand,
    ):

        async def add(_number: int) -> None:
            await ours.add(caller, workspace_id, {"content": f"{next(numbers)} {author.sentence()}"})

        await add(0)  # so that what is made once, for the first memory of all, is not noted
        Recording.asked.clear()
        await noted.add(caller, workspace_id, {"content": author.sentence()})
        known = frozenset({workspace_id, caller.actor.id})
        adding = list(Recording.asked)

        async def add_by_hand(_number: int) -> None:
            async with hand.connection() as connection, connection.transaction():
                await replay(connection, as_new(adding, known))

        async def read(_number: int) -> None:
            await ours.read(caller, workspace_id)

        Recording.asked.clear()
        await noted.read(caller, workspace_id)
        reading = list(Recording.asked)

        async def read_by_hand(_number: int) -> None:
            async with hand.connection() as connection:
                await replay(connection, reading)

        return [
            await _row(stage, "add a memory", (add, add_by_hand), stage.scale.memories, _ADD),
            await _row(stage, "read a profile", (read, read_by_hand), stage.scale.searches, _READ),
        ]


async def _row(stage: Stage, name: str, sides: Sequence[Any], count: int, aim: Aim) -> Row:
    measured: tuple[list[float], list[float]] = ([], [])
    for number in range(stage.scale.rounds + stage.scale.warm_ups):
        for side in (0, 1) if number % 2 else (1, 0):
            found = await per_second(sides[side], count)
            if number >= stage.scale.warm_ups:
                measured[side].append(found)
    ours, floor = measured
    return Row(name=name, unit="per s", ours=ours, floor=floor, aim=aim)


@asynccontextmanager
async def _side(stage: Stage, connection_class: type[Connection]) -> AsyncGenerator[_Side]:
    clock, stemmer = SystemClock(), SnowballStemmer()
    async with open_pool(stage.database_url, AT_ONCE, connection_class=connection_class) as pool:
        database = Database(pool)
        views = PostgresMemoryViews(database)
        begin = PostgresUnits(database, MemoryBell(), clock, stemmer)
        similar = FindSimilar(PostgresPassageSearch(database, stemmer), views)
        yield _Side(
            add=AddMemory(begin, views, similar, clock),
            read=ReadProfile(PostgresMemoryProfileViews(database), clock),
        )
