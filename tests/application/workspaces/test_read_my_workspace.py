from dataclasses import replace

import pytest

from application.workspaces.read_my_workspace import ReadMyWorkspace
from domain.access import ACCOUNT
from domain.errors import Forbidden, NotFound
from tests.application.world import World


async def test_a_user_is_shown_their_personal_workspace(world: World) -> None:
    caller, workspace = await world.owner()
    read = ReadMyWorkspace(world.open_personal_workspace)
    assert await read(replace(caller, own=ACCOUNT)) == workspace


async def test_a_key_that_does_not_open_the_account_and_a_visitor_are_shown_none(world: World) -> None:
    caller, _ = await world.owner()
    read = ReadMyWorkspace(world.open_personal_workspace)
    with pytest.raises(Forbidden):
        await read(replace(caller, own=frozenset()))
    with pytest.raises(NotFound):
        await read((await world.visit()).caller)
