from dataclasses import replace

import pytest

from adapters.memory.identity_views import MemoryUserViews
from application.identity.read_user import ReadUser
from application.ports.identity_views import KeyView
from domain.access import ACCOUNT
from domain.errors import NotFound
from domain.identity import issue_key
from tests.application.world import World


async def test_a_user_is_shown_to_themselves_until_they_are_gone(world: World) -> None:
    caller, _ = await world.owner()
    caller, read = replace(caller, own=ACCOUNT), ReadUser(MemoryUserViews(world.store))
    user = await read(caller)
    assert user.actor == caller.actor
    world.store.users.rows[user.id] = user.deleted(world.clock.now())
    with pytest.raises(NotFound):
        await read(caller)


async def test_a_key_of_no_workspace_has_no_view(world: World) -> None:
    caller, _ = await world.owner()
    key, _ = issue_key(world.store.users.rows[caller.actor.id], None, "mine", world.clock.now())
    with pytest.raises(ValueError, match="shown to nobody"):
        KeyView.of(key, world.store.users.rows[caller.actor.id])
