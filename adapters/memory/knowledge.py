import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, cast

import snowballstemmer  # type: ignore[import-untyped]
from typing_extensions import override

from adapters.memory.store import MemoryStore, Source
from adapters.memory.table import Transaction
from application.ports.knowledge import DraftSearch, FoundPassage, Passages, PassageSearch
from domain.ids import WorkspaceId
from domain.knowledge import Passage
from domain.ranking import bm25, counted
from domain.words import SNOWBALL, STOP_WORDS, primary, words


class MemoryPassages(Passages):
    """Passages within a transaction; they are stemmed when they are searched."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._sources = store.sources
        self._transaction = transaction

    @override
    async def replace(self, workspace_id: WorkspaceId, source: str, passages: Sequence[Passage], language: str) -> None:
        self._transaction.explain(None)
        await self._transaction.put(self._sources, Source(workspace_id, source, tuple(passages)))


class MemoryPassageSearch(PassageSearch):
    """Ranks by BM25 over the stems of a passage and its heading.

    Args:
        passages: gives the passages of a workspace as they are committed.
    """

    def __init__(self, passages: Callable[[WorkspaceId], Iterable[Passage]]) -> None:
        self._passages = passages

    @override
    async def search(
        self, workspace_id: WorkspaceId, query: str, *, language: str, limit: int
    ) -> Sequence[FoundPassage]:
        candidates = list(self._passages(workspace_id))
        return await asyncio.to_thread(_ranked, candidates, query, language, limit)

    @override
    async def leading(self, workspace_id: WorkspaceId, *, limit: int) -> Sequence[Passage]:
        ordered = sorted(self._passages(workspace_id), key=lambda passage: (passage.source, passage.position))
        return ordered[:limit]


class MemoryDraftSearch(DraftSearch):
    """Drafts live in memory, and nowhere else."""

    @override
    def of(self, passages: Sequence[Passage]) -> PassageSearch:
        held = tuple(passages)
        return MemoryPassageSearch(lambda workspace_id: (each for each in held if each.workspace_id == workspace_id))


class _Stemmer(Protocol):
    def stemWords(self, words: Iterable[str]) -> list[str]: ...  # noqa: N802 (the library's name)


# A stemmer keeps the word it works on in itself, so that threads cannot share one.
_stemmers = threading.local()


def _ranked(passages: Sequence[Passage], query: str, language: str, limit: int) -> list[FoundPassage]:
    wanted = dict.fromkeys(_stems(query, language), 1.0)
    documents = [counted(_stems(f"{passage.heading}\n{passage.text}", language)) for passage in passages]
    scored = zip(passages, bm25(wanted, documents), strict=True)
    found = [FoundPassage(passage=passage, score=score) for passage, score in scored if score > 0]
    found.sort(key=lambda hit: (-hit.score, hit.passage.source, hit.passage.position))
    return found[:limit]


def _stems(text: str, language: str) -> list[str]:
    stop = STOP_WORDS.get(primary(language), frozenset())
    meaningful = [word for word in words(text) if word not in stop]
    algorithm = SNOWBALL.get(primary(language))
    return _stemmer(algorithm).stemWords(meaningful) if algorithm else meaningful


def _stemmer(algorithm: str) -> _Stemmer:
    found = cast("_Stemmer | None", getattr(_stemmers, algorithm, None))
    if found is None:
        found = cast("_Stemmer", snowballstemmer.stemmer(algorithm))  # pyright: ignore[reportUnknownMemberType]
        setattr(_stemmers, algorithm, found)
    return found
