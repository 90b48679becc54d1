from uuid import UUID

import pytest

from adapters.memory.memories import MemoryMemoryViews
from application.memories.retention import EditMemoryRetention, ReadMemoryRetention
from domain.access import Caller, Grant, Role
from domain.errors import NotFound
from domain.ids import WorkspaceId
from tests.application.world import World

GONE = WorkspaceId(UUID(int=9))
"""A workspace that was erased while somebody still held a grant in it."""


async def test_a_workspace_that_is_gone_has_no_retention_to_read_or_to_edit(world: World) -> None:
    caller = Caller(actor=world.stranger().actor, grants={GONE: Grant.of(Role.OWNER)})
    with pytest.raises(NotFound):
        await ReadMemoryRetention(MemoryMemoryViews(world.store))(caller, GONE)
    with pytest.raises(NotFound):
        await EditMemoryRetention(world.begin, world.clock)(caller, GONE, {"task_days": 5})
    assert world.events(GONE) == []
