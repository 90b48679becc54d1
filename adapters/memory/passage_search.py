import asyncio
from collections.abc import Sequence
from functools import lru_cache
from math import fsum
from operator import mul

from typing_extensions import override

from adapters.memory.shelves import DraftShelf, Shelf, StoreShelf
from adapters.memory.store import MemoryStore, SourceRow
from application.ports.embeddings import Vector
from application.ports.passage_search import Coverage, DraftSearch, FoundPassage, PassageSearch, Ranked
from application.ports.stemmer import Stemmer
from domain.ids import PassageId
from domain.knowledge import Filters, Passage, Standing
from domain.knowledge.matching import Indexed, scores, wanted
from domain.knowledge.terms import query_terms, terms

_REMEMBERED = 4_096  # passages whose words are not taken apart anew for each search


class _Search(PassageSearch):
    def __init__(self, shelf: Shelf, stemmer: Stemmer) -> None:
        self._shelf = shelf
        self._stemmer = stemmer
        self._indexed = lru_cache(_REMEMBERED)(self._index)

    @override
    async def lexical(
        self, query: str, language: str, filters: Filters, limit: int, *, typos: bool = True
    ) -> Sequence[Ranked]:
        rows = list(self._shelf.rows(filters))
        return await asyncio.to_thread(self._ranked, rows, query, language, limit, typos=typos)

    @override
    async def semantic(self, vector: Vector, embedder: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        passing = (passage.id for row in self._shelf.rows(filters) for passage in row.passages)
        held = ((key, self._shelf.vector(key, embedder)) for key in passing)
        found = [Ranked(key, _cosine(vector, other)) for key, other in held if other is not None]
        return _best(found, limit)

    @override
    async def coverage(self, embedder: str, filters: Filters) -> Coverage | None:
        passing = [passage.id for row in self._shelf.rows(filters) for passage in row.passages]
        have = [self._shelf.vector(key, embedder) is not None for key in passing]
        if not have:
            return None
        return Coverage.FULL if all(have) else Coverage.PARTIAL if any(have) else Coverage.NONE

    @override
    async def found(self, passage_ids: Sequence[PassageId]) -> Sequence[FoundPassage]:
        there = (self._shelf.passage(key) for key in dict.fromkeys(passage_ids))
        return [self._described(*each) for each in there if each is not None]

    @override
    async def leading(self, filters: Filters, limit: int) -> Sequence[Passage]:
        rows = sorted(self._shelf.rows(filters), key=lambda row: row.source)
        return [passage for row in rows for passage in row.passages][:limit]

    def _index(self, text: str, language: str) -> Indexed:
        return Indexed.of(terms(text, language, self._stemmer.stems))

    def _ranked(self, rows: Sequence[SourceRow], query: str, language: str, limit: int, *, typos: bool) -> list[Ranked]:
        passages = [(passage, row.language or language) for row in rows for passage in row.passages]
        indexed = [self._indexed(passage.words, spoken) for passage, spoken in passages]
        held = {form for each in indexed for form in each.counts}
        asked = query_terms(query, language, self._stemmer.stems)
        looked_for = wanted(asked, held, language, self._stemmer.stems, typos=typos)
        scored = scores(looked_for, indexed)
        return _best(
            [Ranked(each.id, score) for (each, _), score in zip(passages, scored, strict=True) if score], limit
        )

    def _described(self, passage: Passage, standing: Standing) -> FoundPassage:
        return self._shelf.described(passage, standing)


class MemoryPassageSearch(_Search):
    """Looks at every passage that the store has committed."""

    def __init__(self, store: MemoryStore, stemmer: Stemmer) -> None:
        super().__init__(StoreShelf(store), stemmer)


class MemoryDraftSearch(DraftSearch):
    """Drafts live in memory, and nowhere else."""

    def __init__(self, stemmer: Stemmer) -> None:
        self._stemmer = stemmer

    @override
    def of(self, passages: Sequence[Passage], standing: Standing) -> PassageSearch:
        return _Search(DraftShelf(passages, standing), self._stemmer)


def _best(found: list[Ranked], limit: int) -> list[Ranked]:
    found.sort(key=lambda each: (-each.score, each.passage_id))
    return found[:limit]


def _cosine(one: Vector, other: Vector) -> float:
    """Of two vectors of length 1, the shorter one continued by zeros."""
    return fsum(map(mul, one, other))
