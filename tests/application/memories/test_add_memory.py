from uuid import UUID

import pytest

from adapters.memory.memories import MemoryMemoryViews
from application.memories.add_memory import AddMemory
from application.memories.find_similar import FindSimilar
from domain.access import Caller, Grant, Role
from domain.errors import NotFound
from domain.ids import WorkspaceId
from tests.application.world import World

GONE = WorkspaceId(UUID(int=9))
"""A workspace that was erased while somebody still held a grant in it."""


async def test_nothing_is_remembered_in_a_workspace_that_is_gone(world: World) -> None:
    views = MemoryMemoryViews(world.store)
    add = AddMemory(world.begin, views, FindSimilar(world.search, views), world.clock)
    caller = Caller(actor=world.stranger().actor, grants={GONE: Grant.of(Role.OWNER)})
    with pytest.raises(NotFound):
        await add(caller, GONE, {"content": "Likes tea."})
    assert world.store.memories.rows == {}
    assert world.events(GONE) == []
