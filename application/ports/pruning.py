from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.memories import Memories, MemoryPolicies
from application.ports.memory_profiles import MemoryProfilesWork
from application.ports.passages import Passages
from domain.ids import MemoryId, WorkspaceId
from domain.memories import PruneReason, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunableMemory:
    """A memory that nobody will need, without what it says; `handle` is that of its workspace."""

    id: MemoryId
    workspace_id: WorkspaceId
    handle: str
    tier: Tier
    reason: PruneReason


class PruningViews(Protocol):
    """Memories that nobody will need any more, of all workspaces."""

    async def due(self, at: datetime, after: MemoryId | None, limit: int) -> Sequence[PrunableMemory]:
        """Up to `limit` memories with a `domain.memories.prune_reason` at that moment, by id, those behind `after`."""
        ...


class DeletedMemories(Protocol):
    """Memories that were deleted, pruned ones too, and old versions; each call is true at once."""

    async def overdue(self, before: datetime) -> int:
        """How many were deleted before then."""
        ...

    async def purge(self, before: datetime, limit: int) -> int:
        """Up to `limit` memories that were deleted before then are gone for good, with all versions; returns how many.

        One that is being restored just now stays.
        """
        ...

    async def purge_versions(self, before: datetime, limit: int) -> int:
        """Up to `limit` versions that others replaced before then are gone; returns how many."""
        ...


class PruningWork(MemoryProfilesWork, Protocol):
    """What pruning touches."""

    memories: Memories
    memory_policies: MemoryPolicies
    passages: Passages
