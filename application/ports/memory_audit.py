from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.ids import UserId, WorkspaceId
from domain.memories import Examined

EXAMINED_LENGTH = 1_000
"""How many code points of a memory's content are looked at."""


class MemoryAuditViews(Protocol):
    """The memories of one owner in one workspace that can be found, to look over; contents are cut."""

    async def newest(self, workspace_id: WorkspaceId, owner_id: UserId, limit: int) -> Sequence[Examined]:
        """The newest `limit` of them, newest first."""
        ...

    async def never_recalled(
        self, workspace_id: WorkspaceId, owner_id: UserId, before: datetime, limit: int
    ) -> Sequence[Examined]:
        """The oldest `limit` of those that were created before then and never recalled, oldest first."""
        ...

    async def expiring(
        self, workspace_id: WorkspaceId, owner_id: UserId, after: datetime, until: datetime, limit: int
    ) -> Sequence[Examined]:
        """The first `limit` of those that expire after `after`, and at `until` at the latest, the soonest first."""
        ...
