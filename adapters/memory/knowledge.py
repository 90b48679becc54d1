import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import fsum
from typing import Protocol

from typing_extensions import override

from adapters.memory.store import EmbeddingRow, MemoryStore, SourceRow
from adapters.memory.table import Transaction
from application.ports.knowledge import (
    EXACT_UP_TO,
    Coverage,
    DraftSearch,
    Embeddings,
    FoundPassage,
    Passages,
    PassageSearch,
    Ranked,
    Unembedded,
    Vector,
    VectorIndexes,
)
from application.ports.stemmer import Stemmer
from domain.ids import CollectionId, MemoryId, PassageId, WorkspaceId
from domain.knowledge import Filters, Passage, Scope, Source, SourceKind, Standing
from domain.knowledge.matching import Indexed, scores, wanted
from domain.knowledge.terms import query_terms, terms

_REMEMBERED = 4_096  # passages whose words are not taken apart anew for each search


class MemoryPassages(Passages):
    """Passages within a transaction; they are stemmed when they are searched."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._transaction = transaction

    @override
    async def of(self, source: Source) -> Sequence[Passage]:
        row = self._transaction.get(self._store.sources, source)
        return row.passages if row else ()

    @override
    async def replace(
        self, workspace_id: WorkspaceId, source: Source, passages: Sequence[Passage], standing: Standing, language: str
    ) -> None:
        self._transaction.explain(None)
        await self._forget(source, {passage.id: passage.words for passage in passages})
        ordered = tuple(sorted(passages, key=lambda passage: passage.position))
        row = SourceRow(workspace_id, source, ordered, standing, language)
        await self._transaction.put(self._store.sources, row)

    @override
    async def add_all(
        self, workspace_id: WorkspaceId, found: Sequence[tuple[Sequence[Passage], Standing]], language: str
    ) -> None:
        for passages, standing in found:
            if passages:
                await self.replace(workspace_id, passages[0].source, passages, standing, language)

    @override
    async def restand(self, source: Source, standing: Standing) -> None:
        self._transaction.explain(None)
        row = self._transaction.get(self._store.sources, source)
        if row is not None:
            await self._transaction.put(self._store.sources, replace(row, standing=standing))

    @override
    async def remove(self, source: Source) -> None:
        self._transaction.explain(None)
        await self._forget(source, {})
        await self._transaction.remove(self._store.sources, source)

    async def _forget(self, source: Source, kept: Mapping[PassageId, str]) -> None:
        for passage in await self.of(source):
            if kept.get(passage.id) != passage.words:
                await self._transaction.remove(self._store.embeddings, passage.id)


class _Shelf(Protocol):
    """What is searched."""

    def rows(self, filters: Filters) -> Iterable[SourceRow]: ...
    def passage(self, passage_id: PassageId) -> tuple[Passage, Standing] | None: ...
    def vector(self, passage_id: PassageId, embedder: str) -> Vector | None: ...
    def facts(self, source: Source) -> tuple[str, str | None, int]: ...


class _Search(PassageSearch):
    def __init__(self, shelf: _Shelf, stemmer: Stemmer) -> None:
        self._shelf = shelf
        self._stemmer = stemmer
        self._indexed = lru_cache(_REMEMBERED)(self._index)

    @override
    async def lexical(self, query: str, language: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        rows = list(self._shelf.rows(filters))
        return await asyncio.to_thread(self._ranked, rows, query, language, limit)

    @override
    async def semantic(self, vector: Vector, embedder: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        passing = (passage.id for row in self._shelf.rows(filters) for passage in row.passages)
        held = ((key, self._shelf.vector(key, embedder)) for key in passing)
        found = [Ranked(key, _cosine(vector, other)) for key, other in held if other is not None]
        return _best(found, limit)

    @override
    async def coverage(self, embedder: str, filters: Filters) -> Coverage:
        passing = [passage.id for row in self._shelf.rows(filters) for passage in row.passages]
        have = [self._shelf.vector(key, embedder) is not None for key in passing]
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

    def _ranked(self, rows: Sequence[SourceRow], query: str, language: str, limit: int) -> list[Ranked]:
        passages = [(passage, row.language or language) for row in rows for passage in row.passages]
        indexed = [self._indexed(passage.words, spoken) for passage, spoken in passages]
        held = {form for each in indexed for forms in each.forms for form in forms}
        asked = query_terms(query, language, self._stemmer.stems)
        scored = scores(wanted(asked, held, language, self._stemmer.stems), indexed)
        return _best(
            [Ranked(each.id, score) for (each, _), score in zip(passages, scored, strict=True) if score], limit
        )

    def _described(self, passage: Passage, standing: Standing) -> FoundPassage:
        title, uri, uses = self._shelf.facts(passage.source)
        return FoundPassage(passage=passage, standing=standing, title=title, uri=uri, uses=uses)


class MemoryPassageSearch(_Search):
    """Looks at every passage that the store has committed."""

    def __init__(self, store: MemoryStore, stemmer: Stemmer) -> None:
        super().__init__(_StoreShelf(store), stemmer)


class MemoryDraftSearch(DraftSearch):
    """Drafts live in memory, and nowhere else."""

    def __init__(self, stemmer: Stemmer) -> None:
        self._stemmer = stemmer

    @override
    def of(self, passages: Sequence[Passage], standing: Standing) -> PassageSearch:
        return _Search(_DraftShelf(passages, standing), self._stemmer)


class MemoryEmbeddings(Embeddings):
    """Vectors beside the passages of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def missing(self, embedder: str, workspace_id: WorkspaceId, limit: int) -> Sequence[Unembedded]:
        lacking = [each for each in self._lacking(embedder) if each.workspace_id == workspace_id]
        lacking.sort(key=lambda passage: passage.id, reverse=True)
        return [Unembedded(passage_id=each.id, words=each.words) for each in lacking[:limit]]

    @override
    async def incomplete(self, embedder: str, limit: int) -> Sequence[WorkspaceId]:
        return list(dict.fromkeys(each.workspace_id for each in self._lacking(embedder)))[:limit]

    @override
    async def put(self, embedder: str, vectors: Mapping[PassageId, Vector]) -> None:
        passages = {each.id: each for row in self._store.sources.rows.values() for each in row.passages}
        with self._store.transaction() as transaction:
            for passage_id in vectors.keys() & passages.keys():
                workspace_id = passages[passage_id].workspace_id
                row = EmbeddingRow(passage_id, workspace_id, embedder, tuple(vectors[passage_id]))
                await transaction.put(self._store.embeddings, row)
            transaction.apply()

    def _lacking(self, embedder: str) -> list[Passage]:
        there = self._store.embeddings.rows
        passages = [each for row in self._store.sources.rows.values() for each in row.passages]
        return [each for each in passages if each.id not in there or there[each.id].embedder != embedder]


class MemoryVectorIndexes(VectorIndexes):
    """Notes which indexes there would be: without one each vector is compared, which is what a store in memory does.

    Args:
        least: of how many vectors a workspace gets one.
    """

    def __init__(self, store: MemoryStore, least: int = EXACT_UP_TO) -> None:
        self._store = store
        self._least = least
        self._built: set[tuple[str, WorkspaceId]] = set()

    @override
    async def wanted(self, embedder: str) -> Sequence[WorkspaceId]:
        return [each for each in self._grown(embedder, self._least) if (embedder, each) not in self._built]

    @override
    async def build(self, embedder: str, workspace_id: WorkspaceId) -> None:
        self._built.add((embedder, workspace_id))

    @override
    async def remove_unused(self, embedder: str) -> int:
        used = {(embedder, each) for each in self._grown(embedder, self._least // 2)}
        unused = self._built - used
        self._built -= unused
        return len(unused)

    def _grown(self, embedder: str, least: int) -> list[WorkspaceId]:
        rows = self._store.embeddings.rows.values()
        counts = Counter(row.workspace_id for row in rows if row.embedder == embedder)
        return sorted(workspace_id for workspace_id, count in counts.items() if count > least)


@dataclass(frozen=True, slots=True)
class _StoreShelf(_Shelf):
    store: MemoryStore

    @override
    def rows(self, filters: Filters) -> Iterable[SourceRow]:
        rows = self.store.sources.rows.values()
        return [row for row in rows if _passes(row, filters) and self._chosen(row.source, filters)]

    @override
    def passage(self, passage_id: PassageId) -> tuple[Passage, Standing] | None:
        rows = self.store.sources.rows.values()
        found = ((each, row.standing) for row in rows for each in row.passages if each.id == passage_id)
        return next(found, None)

    @override
    def vector(self, passage_id: PassageId, embedder: str) -> Vector | None:
        row = self.store.embeddings.rows.get(passage_id)
        return row.vector if row is not None and row.embedder == embedder else None

    @override
    def facts(self, source: Source) -> tuple[str, str | None, int]:
        document = self.store.documents.rows.get(source.id) if source.kind is SourceKind.DOCUMENT else None
        memory = self.store.memories.rows.get(source.id) if source.kind is SourceKind.MEMORY else None
        title, uri = (document.title, document.source_uri) if document else ("", None)
        return title, uri, memory.access_count if memory else 0

    def _chosen(self, source: Source, filters: Filters) -> bool:
        """Whether it passes the filters that ask for more of a memory than its standing."""
        if not filters.collections and not filters.tags:
            return True
        memory = self.store.memories.rows.get(source.id) if source.kind is SourceKind.MEMORY else None
        return (
            memory is not None
            and (not filters.tags or not filters.tags.isdisjoint(memory.tags))
            and (not filters.collections or not filters.collections.isdisjoint(self._collections(memory.id, filters)))
        )

    def _collections(self, memory_id: MemoryId, filters: Filters) -> Iterator[CollectionId]:
        """Which collections of the reader hold it."""
        for held in self.store.collection_memories.rows.values():
            collection = self.store.collections.rows.get(held.collection_id)
            if held.memory_id == memory_id and collection and collection.owner_id == filters.reader_id:
                yield held.collection_id


@dataclass(frozen=True, slots=True)
class _DraftShelf(_Shelf):
    passages: Sequence[Passage]
    standing: Standing

    @override
    def rows(self, filters: Filters) -> Iterable[SourceRow]:
        each = (SourceRow(one.workspace_id, one.source, (one,), self.standing, None) for one in self._ordered())
        return [row for row in each if _passes(row, filters) and not filters.collections and not filters.tags]

    @override
    def passage(self, passage_id: PassageId) -> tuple[Passage, Standing] | None:
        return next(((each, self.standing) for each in self.passages if each.id == passage_id), None)

    @override
    def vector(self, passage_id: PassageId, embedder: str) -> Vector | None:
        return None

    @override
    def facts(self, source: Source) -> tuple[str, str | None, int]:
        return "", None, 0

    def _ordered(self) -> list[Passage]:
        return sorted(self.passages, key=lambda passage: (passage.source, passage.position))


def _passes(row: SourceRow, filters: Filters) -> bool:
    standing = row.standing
    visible = standing.reader_id is None or standing.reader_id == filters.reader_id
    own = standing.owner_id is not None and standing.owner_id == filters.reader_id
    in_scope = (Scope.OWN in filters.scopes and own) or (Scope.WORKSPACE in filters.scopes and not standing.reader_id)
    return (
        row.workspace_id == filters.workspace_id
        and visible
        and (not filters.scopes or in_scope)
        and _among(row.source.kind, filters.kinds)
        and _among(standing.tier, filters.tiers)
        and filters.owner_id in {None, standing.owner_id}
        and row.source.id not in filters.excluding
        and _timely(standing, filters)
    )


def _timely(standing: Standing, filters: Filters) -> bool:
    return (
        (filters.since is None or standing.at >= filters.since)
        and (filters.until is None or standing.at < filters.until)
        and (standing.expires_at is None or standing.expires_at > filters.at)
    )


def _among(value: object, chosen: Collection[object]) -> bool:
    return not chosen or value in chosen


def _best(found: list[Ranked], limit: int) -> list[Ranked]:
    found.sort(key=lambda each: (-each.score, each.passage_id))
    return found[:limit]


def _cosine(one: Vector, other: Vector) -> float:
    """Of two vectors of length 1, the shorter one continued by zeros."""
    return fsum(a * b for a, b in zip(one, other, strict=False))
