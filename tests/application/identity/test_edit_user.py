from dataclasses import replace

import pytest

from adapters.memory.identity_views import MemoryUserViews
from application.identity.edit_user import EditPreferences, EditUser
from application.identity.read_user import ReadUser
from domain.access import ACCOUNT, Caller
from domain.errors import Forbidden, Invalid, NotFound, Stale
from domain.identity import Theme
from domain.ids import INSTANCE
from tests.application.world import World


async def a_user(world: World) -> Caller:
    owner, _ = await world.owner()
    return replace(owner, own=ACCOUNT)


async def test_a_user_changes_themselves_and_their_workspace_is_told_what(world: World) -> None:
    owner, workspace = await world.owner()
    caller = replace(owner, own=ACCOUNT)
    edited = await EditUser(world.begin, world.clock)(caller, {"bio": "Paints.", "name": "Ada L."})
    assert (edited.name, edited.profile.bio, edited.version) == ("Ada L.", "Paints.", 2)
    assert await ReadUser(MemoryUserViews(world.store))(caller) == edited
    told = world.events(workspace.id)[-1]
    assert (told.type, told.data["fields"]) == ("user.edited", ["bio", "name"])


async def test_preferences_are_merged_into_those_there_are(world: World) -> None:
    caller, edit = await a_user(world), EditPreferences(world.begin, world.clock)
    await edit(caller, {"theme": Theme.DARK, "mail": {"job_died": False}})
    edited = await edit(caller, {"mail": {"visitor_waits": False}})
    assert edited.preferences.theme is Theme.DARK
    assert edited.preferences.mail == {"job_died": False, "visitor_waits": False}


async def test_only_the_version_expected_is_changed(world: World) -> None:
    caller, edit = await a_user(world), EditUser(world.begin, world.clock)
    await edit(caller, {"bio": "One."}, 1)
    with pytest.raises(Stale):
        await edit(caller, {"bio": "Two."}, 1)


async def test_no_change_is_no_event(world: World) -> None:
    caller = await a_user(world)
    before = world.happened()
    assert (await EditUser(world.begin, world.clock)(caller, {})).version == 1
    assert world.happened() == before


async def test_what_cannot_be_taken_changes_nothing(world: World) -> None:
    caller = await a_user(world)
    with pytest.raises(Invalid) as refused:
        await EditUser(world.begin, world.clock)(caller, {"name": " ", "timezone": "Mars/Base"})
    assert [fault.pointer for fault in refused.value.faults] == ["/name", "/timezone"]
    assert (await ReadUser(MemoryUserViews(world.store))(caller)).version == 1


async def test_whoever_may_not_is_refused(world: World) -> None:
    owner, _ = await world.owner()
    visit = await world.visit()
    for caller, error in ((owner, Forbidden), (visit.caller, NotFound)):
        with pytest.raises(error):
            await EditUser(world.begin, world.clock)(caller, {"bio": "?"})
        with pytest.raises(error):
            await ReadUser(MemoryUserViews(world.store))(caller)


async def test_without_a_workspace_of_their_own_the_instance_is_told(world: World) -> None:
    caller = await a_user(world)
    world.store.workspaces.rows.clear()
    await EditUser(world.begin, world.clock)(caller, {"bio": "Homeless."})
    assert [event.type for event in world.events(INSTANCE)] == ["user.edited"]
