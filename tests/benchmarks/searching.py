"""Searches by ours and by hand, one at a time and several at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from typing_extensions import override

from adapters.postgres.passage_search import PostgresPassageSearch
from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Database
from adapters.snowball.stemmer import SnowballStemmer
from application.knowledge.retrieve import Retrieve
from application.ports.embedder import Embedder
from application.ports.embeddings import Vector
from domain.knowledge import Filters
from tests.benchmarks.library import Asking
from tests.benchmarks.recorded import Asked, Recording, replay
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import quantile

AT_ONCE = 8
_LIMIT = 10
Do = Callable[[int], Awaitable[None]]


class GivenEmbedder(Embedder):
    """Has the vectors of what will be asked."""

    def __init__(self, like: Embedder, asking: Sequence[Asking]) -> None:
        self._like = like
        self._vectors = {each.text: each.vector for each in asking}

    @property
    @override
    def name(self) -> str:
        return self._like.name

    @property
    @override
    def weight(self) -> float:
        return self._like.weight

    @override
    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [self._vectors[text] for text in texts]


async def searching(stage: Stage, asking: Sequence[Asking], embedder: Embedder) -> Mapping[str, list[float]]:
    """Searches a second, and milliseconds of one at a time, of ours and of the floor, a figure for each round."""
    found: dict[str, list[float]] = {
        f"{side} {name}": [] for side in ("ours", "floor") for name in ("all", "p50", "p95")
    }
    async with AsyncExitStack() as opened:
        retrieve = await _retrieve(stage, opened, GivenEmbedder(embedder, asking))
        noted = await _noted(stage, asking, retrieve.embedder)
        hand = await opened.enter_async_context(open_pool(stage.database_url, AT_ONCE))

        async def ours(number: int) -> None:
            await _search(retrieve, asking[number % len(asking)])

        async def floor(number: int) -> None:
            async with hand.connection() as connection:
                await replay(connection, noted[number % len(noted)])

        for number in range(stage.scale.rounds + stage.scale.warm_ups):
            sides: list[tuple[str, Do]] = [("ours", ours), ("floor", floor)]
            for side, do in sides[:: 1 if number % 2 else -1]:  # so that neither always follows the other
                each = await one_by_one(do, stage.scale.searches)
                figures = {
                    "all": await per_second(do, stage.scale.searches),
                    "p50": quantile(each, 0.5) * 1e3,
                    "p95": quantile(each, 0.95) * 1e3,
                }
                for name, figure in figures.items() if number >= stage.scale.warm_ups else ():
                    found[f"{side} {name}"].append(figure)
    return found


async def one_by_one(do: Do, count: int) -> list[float]:
    """The seconds that each took."""
    seconds: list[float] = []
    for number in range(count):
        began = time.monotonic()
        await do(number)
        seconds.append(time.monotonic() - began)
    return seconds


async def per_second(do: Do, count: int) -> float:
    """How many a second when several go on at once."""
    numbers = iter(range(count))

    async def some() -> None:
        for number in numbers:
            await do(number)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some())
    return count / (time.monotonic() - began)


async def _retrieve(stage: Stage, opened: AsyncExitStack, embedder: Embedder) -> Retrieve:
    # Each search holds two connections for a while: the words and the vectors are compared at once.
    pool = await opened.enter_async_context(open_pool(stage.database_url, 2 * AT_ONCE))
    return Retrieve(PostgresPassageSearch(Database(pool), SnowballStemmer()), embedder)


async def _search(retrieve: Retrieve, asking: Asking) -> None:
    filters = Filters(workspace_id=asking.workspace_id, at=datetime.now(UTC))
    await retrieve(asking.text, "en", filters, _LIMIT)


async def _noted(stage: Stage, asking: Sequence[Asking], embedder: Embedder) -> list[list[Asked]]:
    """What each of the questions asks of the database."""
    noted: list[list[Asked]] = []
    async with open_pool(stage.database_url, 2, connection_class=Recording) as pool:
        retrieve = Retrieve(PostgresPassageSearch(Database(pool), SnowballStemmer()), embedder)
        for each in asking:
            Recording.asked.clear()
            await _search(retrieve, each)
            noted.append(list(Recording.asked))
    return noted
