from collections.abc import Sequence
from datetime import datetime

from typing_extensions import override

from adapters.memory.store import MemoryStore, ProfileRow
from adapters.memory.table import Transaction
from application.ports.memory_profiles import MemoryProfiles, MemoryProfileView, MemoryProfileViews
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import Memory, MemoryProfile, ProfileLine, is_recent


class MemoryMemoryProfiles(MemoryProfiles):
    """Standing profiles within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._transaction = transaction

    @override
    async def outdate(self, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> None:
        key = (workspace_id, owner_id)
        if await self._transaction.locked(self._store.memory_profiles, key) is None:
            await self._transaction.insert(self._store.memory_profiles, ProfileRow(workspace_id, owner_id))

    @override
    async def candidates(self, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> Sequence[Memory]:
        await self._transaction.locked(self._store.memory_profiles, (workspace_id, owner_id))
        memories = self._transaction.all(self._store.memories)
        return [each for each in memories if (each.workspace_id, each.owner_id) == (workspace_id, owner_id)]

    @override
    async def save(self, workspace_id: WorkspaceId, owner_id: UserId, profile: MemoryProfile, at: datetime) -> None:
        built = ProfileRow(
            workspace_id,
            owner_id,
            stable=tuple(line.memory_id for line in profile.stable),
            recent=tuple(line.memory_id for line in profile.recent),
            updated_at=at,
        )
        await self._transaction.update(self._store.memory_profiles, built)


class MemoryMemoryProfileViews(MemoryProfileViews):
    """Committed standing profiles."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def profile(self, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> MemoryProfileView:
        row = self._store.memory_profiles.rows.get((workspace_id, owner_id)) or ProfileRow(workspace_id, owner_id)
        recent = (each for each in self._there(row.recent, at) if is_recent(each.created_at, at))
        profile = MemoryProfile.of(
            stable=[ProfileLine.of(each.id, each.content) for each in self._there(row.stable, at)],
            recent=[ProfileLine.of(each.id, each.content) for each in recent],
        )
        return MemoryProfileView(stable=profile.stable, recent=profile.recent, updated_at=row.updated_at)

    def _there(self, memory_ids: Sequence[MemoryId], at: datetime) -> list[Memory]:
        rows = self._store.memories.rows
        found = (rows[memory_id] for memory_id in memory_ids if memory_id in rows)
        return [memory for memory in found if memory.live and not memory.expired(at)]
