from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.memory_profiles import MemoryProfileView, MemoryProfileViews
from domain.access import Caller, Permission
from domain.ids import UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class ReadProfile:
    """Shows the standing profile that a companion has of the caller."""

    views: MemoryProfileViews
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId) -> MemoryProfileView:
        """The caller's profile in the workspace; an empty one before there is any.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.MEMORY_READ, workspace_id)
        return await self.views.profile(workspace_id, UserId(caller.actor.id), self.clock.now())
