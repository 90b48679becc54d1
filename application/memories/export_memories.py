from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.memories import MemoryView, MemoryViews
from domain.access import Caller, Permission
from domain.ids import UserId, WorkspaceId

_PAGE = 100


@dataclass(frozen=True, slots=True)
class ExportMemories:
    """Gives a user what they remember in a workspace, to be imported elsewhere."""

    views: MemoryViews
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId) -> AsyncGenerator[Sequence[MemoryView], None]:
        """Their own memories, the oldest first, in pieces, each read when its turn has come.

        What is deleted, over, or superseded is left out.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.MEMORY_READ, workspace_id)
        return self._pieces(UserId(caller.actor.id), workspace_id)

    async def _pieces(self, owner_id: UserId, workspace_id: WorkspaceId) -> AsyncGenerator[Sequence[MemoryView], None]:
        now = self.clock.now()
        page = await self.views.owned(owner_id, workspace_id, None, _PAGE)
        while page:
            yield [
                memory
                for memory in page
                if memory.deleted_at is None
                and memory.superseded_by is None
                and (memory.expires_at is None or memory.expires_at > now)
            ]
            page = await self.views.owned(owner_id, workspace_id, page[-1].id, _PAGE)
