from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass

from application.memories.memory_files import CollectionName, ExportedMemory
from application.ports.clock import Clock
from application.ports.collections import CollectionViews
from application.ports.memories import MemoryViews
from domain.access import Caller, Permission
from domain.ids import MemoryId, UserId, WorkspaceId

_PAGE = 100
_COLLECTIONS = 20


@dataclass(frozen=True, slots=True)
class ExportMemories:
    """Gives a user what they remember in a workspace, to be imported elsewhere."""

    views: MemoryViews
    collections: CollectionViews
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId
    ) -> AsyncGenerator[Sequence[ExportedMemory], None]:
        """Their own memories, the oldest first, in pieces, each read when its turn has come; superseded ones, too.

        What is deleted or over is left out.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.MEMORY_READ, workspace_id)
        return self._pieces(UserId(caller.actor.id), workspace_id)

    async def _pieces(
        self, owner_id: UserId, workspace_id: WorkspaceId
    ) -> AsyncGenerator[Sequence[ExportedMemory], None]:
        now, inside = self.clock.now(), await self._inside(owner_id, workspace_id)
        page = await self.views.owned(owner_id, workspace_id, None, _PAGE)
        while page:
            yield [
                ExportedMemory(memory=memory, collections=inside.get(memory.id, ()))
                for memory in page
                if memory.deleted_at is None and (memory.expires_at is None or memory.expires_at > now)
            ]
            page = await self.views.owned(owner_id, workspace_id, page[-1].id, _PAGE)

    async def _inside(self, owner_id: UserId, workspace_id: WorkspaceId) -> Mapping[MemoryId, Sequence[CollectionName]]:
        """In which collections the memories are."""
        inside: dict[MemoryId, list[CollectionName]] = defaultdict(list)
        page = await self.collections.owned(owner_id, None, _COLLECTIONS)
        while page:
            for collection in page:
                held = collection.memory_ids if collection.workspace_id == workspace_id else ()
                for position, memory_id in enumerate(held):
                    inside[memory_id].append(CollectionName(collection.kind, collection.name, position))
            page = await self.collections.owned(owner_id, page[-1].id, _COLLECTIONS)
        return inside
