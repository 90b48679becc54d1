from collections.abc import Sequence
from datetime import datetime

from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.memory_audit import EXAMINED_LENGTH, MemoryAuditViews
from domain.ids import UserId, WorkspaceId
from domain.memories import Examined, Memory


class MemoryMemoryAuditViews(MemoryAuditViews):
    """Committed memories, to look over."""

    def __init__(self, store: MemoryStore) -> None:
        self._memories = store.memories

    @override
    async def newest(self, workspace_id: WorkspaceId, owner_id: UserId, limit: int) -> Sequence[Examined]:
        found = sorted(self._own(workspace_id, owner_id), key=lambda each: (each.created_at, each.id), reverse=True)
        return [_examined(each) for each in found[:limit]]

    @override
    async def never_recalled(
        self, workspace_id: WorkspaceId, owner_id: UserId, before: datetime, limit: int
    ) -> Sequence[Examined]:
        own = self._own(workspace_id, owner_id)
        unused = [each for each in own if not each.access_count and each.created_at < before]
        return [_examined(each) for each in sorted(unused, key=lambda each: (each.created_at, each.id))[:limit]]

    @override
    async def expiring(
        self, workspace_id: WorkspaceId, owner_id: UserId, after: datetime, until: datetime, limit: int
    ) -> Sequence[Examined]:
        own = self._own(workspace_id, owner_id)
        due = [(each.expires_at, each.id, each) for each in own if each.expires_at and after < each.expires_at <= until]
        return [_examined(memory) for _, _, memory in sorted(due, key=lambda each: each[:2])[:limit]]

    def _own(self, workspace_id: WorkspaceId, owner_id: UserId) -> list[Memory]:
        owned = (each for each in self._memories.rows.values() if each.live and each.owner_id == owner_id)
        return [each for each in owned if each.workspace_id == workspace_id]


def _examined(memory: Memory) -> Examined:
    return Examined(
        id=memory.id,
        tier=memory.tier,
        content=memory.content[:EXAMINED_LENGTH],
        source_type=memory.source.type,
        created_at=memory.created_at,
        expires_at=memory.expires_at,
    )
