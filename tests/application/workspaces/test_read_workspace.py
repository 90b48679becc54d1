import pytest

from application.workspaces.read_workspace import ReadWorkspace
from domain.access import Caller, Grant, Role
from domain.errors import NotFound
from domain.ids import WorkspaceId, new_id
from tests.application.world import World


async def test_members_see_it(world: World) -> None:
    _, workspace = await world.owner()

    assert await ReadWorkspace(world.workspaces)(world.viewer(workspace), workspace.id) == workspace


async def test_one_that_is_foreign_or_absent_is_not_found(world: World) -> None:
    owner, workspace = await world.owner()
    absent = WorkspaceId(new_id(world.clock.now()))
    read = ReadWorkspace(world.workspaces)

    with pytest.raises(NotFound):
        await read(world.stranger(), workspace.id)
    with pytest.raises(NotFound):
        await read(Caller(actor=owner.actor, grants={absent: Grant.of(Role.OWNER)}), absent)
