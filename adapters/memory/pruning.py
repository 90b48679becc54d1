from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime

from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.pruning import DeletedMemories, PrunableMemory, PruningViews
from domain.ids import MemoryId
from domain.memories import Memory, PruneReason, prune_reason


class MemoryPruningViews(PruningViews):
    """Committed memories that nobody will need."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def due(self, at: datetime, after: MemoryId | None, limit: int) -> Sequence[PrunableMemory]:
        memories = sorted(self._store.memories.rows.values(), key=lambda memory: memory.id)
        behind = ((memory, prune_reason(memory, at)) for memory in memories if after is None or memory.id > after)
        return [self._prunable(memory, reason) for memory, reason in behind if reason][:limit]

    def _prunable(self, memory: Memory, reason: PruneReason) -> PrunableMemory:
        handle = str(self._store.workspaces.rows[memory.workspace_id].handle)
        return PrunableMemory(
            id=memory.id, workspace_id=memory.workspace_id, handle=handle, tier=memory.tier, reason=reason
        )


class MemoryDeletedMemories(DeletedMemories):
    """Committed memories that were deleted, and old versions."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def overdue(self, before: datetime) -> int:
        return len(list(self._deleted(before)))

    @override
    async def purge(self, before: datetime, limit: int) -> int:
        free = [each for each in self._deleted(before) if self._store.locks.free((self._store.memories.name, each.id))]
        gone = {memory.id for memory in free[:limit]}
        for memory_id in gone:
            del self._store.memories.rows[memory_id]
        self._drop_versions({key for key, row in self._store.memory_versions.rows.items() if row.id in gone})
        held = self._store.collection_memories.rows
        for key in [key for key, row in held.items() if row.memory_id in gone]:
            del held[key]
        return len(gone)

    @override
    async def purge_versions(self, before: datetime, limit: int) -> int:
        versions = self._store.memory_versions.rows
        replaced_at = {(row.id, row.version - 1): row.updated_at for row in versions.values()}
        old = [key for key, row in versions.items() if replaced_at.get((row.id, row.version), before) < before][:limit]
        self._drop_versions(old)
        return len(old)

    def _deleted(self, before: datetime) -> Iterator[Memory]:
        memories = self._store.memories.rows.values()
        return (memory for memory in memories if memory.deleted_at is not None and memory.deleted_at < before)

    def _drop_versions(self, keys: Iterable[Hashable]) -> None:
        for key in keys:
            del self._store.memory_versions.rows[key]
