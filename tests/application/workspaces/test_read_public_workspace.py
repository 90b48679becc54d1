import pytest

from application.workspaces.read_public_workspace import ReadPublicWorkspace
from domain.errors import NotFound
from tests.application.world import World


async def test_anyone_sees_an_active_one(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"public_name": "Ada & Co.", "assistant": {"suggested_questions": ["Why?"]}})

    shown = await ReadPublicWorkspace(world.workspaces)("ada")

    assert (shown.public_name, shown.suggested_questions, list(shown.services)) == ("Ada & Co.", ("Why?",), [])


async def test_one_that_is_absent_or_inactive_is_not_found(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"active": False})
    read = ReadPublicWorkspace(world.workspaces)

    for handle in ("ada", "nobody", "", "\0"):
        with pytest.raises(NotFound):
            await read(handle)
