from collections.abc import Mapping, Sequence
from dataclasses import replace

from typing_extensions import override

from adapters.memory.store import MemoryStore, SourceRow
from adapters.memory.table import Transaction
from application.ports.passages import Passages
from domain.ids import PassageId, WorkspaceId
from domain.knowledge import Passage, Source, Standing


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
        row = self._transaction.get(self._store.sources, source)
        if row is not None:
            await self._transaction.put(self._store.sources, replace(row, standing=standing))

    @override
    async def remove(self, source: Source) -> None:
        await self._forget(source, {})
        await self._transaction.remove(self._store.sources, source)

    async def _forget(self, source: Source, kept: Mapping[PassageId, str]) -> None:
        for passage in await self.of(source):
            if kept.get(passage.id) != passage.words:
                await self._transaction.remove(self._store.embeddings, passage.id)
