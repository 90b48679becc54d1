"""How many of what is really nearest a search by meaning finds: one case in the suite, the grid in `make soak`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from math import sqrt
from operator import mul
from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from adapters.postgres.passage_search import PostgresPassageSearch
from adapters.postgres.statements import Database
from adapters.postgres.vector_indexes import PostgresVectorIndexes, index_name
from adapters.snowball.stemmer import SnowballStemmer
from application.ports.embeddings import DIMENSIONS
from application.ports.passage_search import Ranked
from application.ports.vector_indexes import EXACT_UP_TO
from domain.ids import PassageId, WorkspaceId, new_id
from domain.knowledge import SourceKind
from tests.contracts.examples import a_tenant
from tests.contracts.shelf import AT, everything
from tests.contracts.stores import Stores
from tests.soak import SOAK

Vector = tuple[float, ...]
_SIZE = 32  # numbers of a vector, and zeros from there
_HALF = 1e-3  # so exact are halves of floats
_CHURN = 10_000
"""Vectors that are changed at most: half of a small corpus, a tenth of a large one, where each takes milliseconds."""
_PASSAGES = (
    'copy passages (id, workspace_id, kind, source_id, position, heading, text, start, "end", at, language, length,'
    " keys, counts, sequence) from stdin"
)
_VECTORS = "copy embeddings (passage_id, workspace_id, embedder, vector) from stdin"


@dataclass(frozen=True, slots=True)
class Case:
    """Vectors of which a share passes a filter; the adversary lets those pass that are nowhere near what is asked."""

    size: int
    share: float
    adversarial: bool

    def __str__(self) -> str:
        return f"{self.share:.1%} of {self.size} {'adversarial' if self.adversarial else 'clustered'}"


GRID = [Case(*given) for given in product((10_000, 100_000), (1.0, 0.1, 0.01, 0.001), (False, True))]
CASES = GRID if SOAK else [Case(10_000, 0.01, adversarial=True)]


@dataclass(slots=True)
class Corpus:
    """Passages of a workspace with vectors around twenty centers; those that pass are messages."""

    workspace_id: WorkspaceId
    case: Case
    embedder: str = field(default_factory=lambda: uuid4().hex)
    random: Random = field(default_factory=lambda: Random(5))  # noqa: S311 (the same each time)
    centers: list[Vector] = field(init=False)
    vectors: dict[PassageId, Vector] = field(init=False)
    passing: set[PassageId] = field(init=False)

    def __post_init__(self) -> None:
        self.centers = [self._near((0.0,) * _SIZE) for _ in range(20)]
        ids = [PassageId(new_id(AT)) for _ in range(self.case.size)]
        self.passing = set(self.random.sample(ids, int(self.case.size * self.case.share)))
        self.vectors = {key: self._placed(key) for key in ids}

    def asked(self) -> Vector:
        """What the tests look for: something around the first center."""
        return self._near(self.centers[0])

    def best(self, asked: Vector, number: int) -> list[float]:
        """How alike the most alike are of those that pass."""
        return sorted((_dot(asked, self.vectors[key]) for key in self.passing), reverse=True)[:number]

    def moved(self) -> dict[PassageId, Vector]:
        """Many of them with other vectors, which they have from now on."""
        moving = self.random.sample(sorted(self.vectors), min(_CHURN, len(self.vectors) // 2))
        changed = {key: self._placed(key) for key in moving}
        self.vectors |= changed
        return changed

    def _placed(self, key: PassageId) -> Vector:
        if self.case.adversarial and key in self.passing:
            return self._near(tuple(-each for each in self.centers[0]))
        return self._near(self.random.choice(self.centers))

    def _near(self, center: Vector) -> Vector:
        given = [each + self.random.gauss(0, 0.1) for each in center]
        length = sqrt(sum(each * each for each in given))
        return tuple(each / length for each in given)


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_ten_nearest_that_pass_are_found(
    stores: Stores, database: Database, database_url: str, case: Case
) -> None:
    corpus = await a_corpus(stores, database, database_url, case)
    indexes = PostgresVectorIndexes(database)
    search = PostgresPassageSearch(database, SnowballStemmer())
    for workspace_id in await indexes.wanted(corpus.embedder):
        await indexes.build(corpus.embedder, workspace_id)
    assert await recall(corpus, search) >= 0.99
    changed = sorted(corpus.moved().items())
    for start in range(0, len(changed), 500):
        await stores.embeddings.put(corpus.embedder, dict(changed[start : start + 500]))
    await database.maintain("vacuum analyze embeddings")
    assert await recall(corpus, search) >= 0.99
    assert await indexes.remove_unused("none") == (case.size > EXACT_UP_TO)


@pytest.mark.parametrize("case", [Case(2_000, 0.5, adversarial=False), Case(10_000, 1.0, adversarial=True)], ids=str)
async def test_an_index_serves_what_is_many_and_what_it_does_not_find_is_looked_for(
    stores: Stores, database: Database, database_url: str, case: Case
) -> None:
    corpus = await a_corpus(stores, database, database_url, case)
    indexes = PostgresVectorIndexes(database)
    await indexes.build(corpus.embedder, corpus.workspace_id)
    search = PostgresPassageSearch(database, SnowballStemmer(), exact_up_to=case.size // 4)
    assert await recall(corpus, search) >= 0.99
    assert len(await ranked(corpus, search, corpus.asked(), case.size)) == len(corpus.passing)
    async with asyncio.timeout(20):  # a backend tells what it did within ten seconds of doing nothing
        while not await scans(database_url, index_name(corpus.workspace_id, corpus.embedder)):  # noqa: ASYNC110 (the server's)
            await asyncio.sleep(0.05)
    if case.adversarial:  # of very many it is relied on, also where it cannot be
        assert await recall(corpus, PostgresPassageSearch(database, SnowballStemmer(), case.size // 5)) < 0.99
    assert await indexes.remove_unused("none") == 1


async def test_an_index_is_not_asked_for_what_is_few(stores: Stores, database: Database, database_url: str) -> None:
    corpus = await a_corpus(stores, database, database_url, Case(2_000, 0.5, adversarial=True))
    indexes = PostgresVectorIndexes(database)
    await indexes.build(corpus.embedder, corpus.workspace_id)
    assert await recall(corpus, PostgresPassageSearch(database, SnowballStemmer())) == 1
    assert await scans(database_url, index_name(corpus.workspace_id, corpus.embedder)) == 0
    assert await indexes.remove_unused("none") == 1


async def a_corpus(stores: Stores, database: Database, database_url: str, case: Case) -> Corpus:
    """One that is in the database, all of it with vectors."""
    corpus = Corpus((await a_tenant(stores)).id, case)
    async with await psycopg.AsyncConnection.connect(database_url) as connection, connection.cursor() as cursor:
        async with cursor.copy(_PASSAGES) as copy:
            for key in corpus.vectors:
                kind = SourceKind.MESSAGE if key in corpus.passing else SourceKind.DOCUMENT
                row: tuple[Any, ...] = (key, corpus.workspace_id, kind, key, 0, "", "", 0, 0, AT, "en", 0, [], [], b"")
                await copy.write_row(row)
        async with cursor.copy(_VECTORS) as copy:
            for key, vector in corpus.vectors.items():
                await copy.write_row((key, corpus.workspace_id, corpus.embedder, _written(vector)))
    await database.maintain("vacuum analyze passages")
    await database.maintain("vacuum analyze embeddings")
    return corpus


async def recall(corpus: Corpus, search: PostgresPassageSearch) -> float:
    """The share of the ten best that are found, over some searches; which of equals is found makes no difference."""
    found = wanted = 0
    for _ in range(20):
        asked = corpus.asked()
        best = corpus.best(asked, 10)
        hits = await ranked(corpus, search, asked, 10)
        found += sum(_dot(asked, corpus.vectors[hit.passage_id]) >= best[-1] - _HALF for hit in hits)
        wanted += len(best)
        assert {hit.passage_id for hit in hits} <= corpus.passing
    return found / wanted


async def ranked(corpus: Corpus, search: PostgresPassageSearch, asked: Vector, limit: int) -> Sequence[Ranked]:
    filters = everything(corpus.workspace_id, kinds=frozenset({SourceKind.MESSAGE}))
    return await search.semantic(asked, corpus.embedder, filters, limit)


async def scans(database_url: str, name: str) -> int:
    """How often the index was asked."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await connection.execute("select pg_stat_get_numscans(cast(%s as regclass))", [name])
        (number,) = await found.fetchone() or (0,)
        return int(number)


def _dot(one: Vector, other: Vector) -> float:
    return float(sum(map(mul, one, other)))


def _written(vector: Vector) -> str:
    return f"[{','.join([*(f'{each:.6f}' for each in vector), *(['0'] * (DIMENSIONS - _SIZE))])}]"
