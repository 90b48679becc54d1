from collections import Counter
from collections.abc import Sequence

from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.vector_indexes import EXACT_UP_TO, VectorIndexes
from domain.ids import WorkspaceId


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
