from collections.abc import Mapping, Sequence

from typing_extensions import override

from adapters.memory.store import EmbeddingRow, MemoryStore
from application.ports.embeddings import Embeddings, Unembedded, Vector
from domain.ids import PassageId, WorkspaceId
from domain.knowledge import Passage


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
