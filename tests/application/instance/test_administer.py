from dataclasses import replace

import pytest

from application.instance.administer import GrantAdministration, SetUserActive, SetWorkspaceSuspended
from application.instance.lists import ListAllWorkspaces, ListDeadJobs, ListUsers, NoteListing
from application.instance.read_activity import ReadInstanceActivity
from application.ports.activity import ActivityFilter
from domain.access import ACCOUNT, ADMINISTRATION, Caller, Permission
from domain.errors import Forbidden, NotFound
from domain.identity import LastAdministrator, User, UserDeleted
from domain.ids import INSTANCE, UserId, WorkspaceId, new_id
from tests.application.world import World


@pytest.fixture
def world() -> World:
    return World()


async def administrator(world: World, email: str = "ada@example.com") -> Caller:
    caller, _ = await world.owner(email)
    return replace(caller, own=ADMINISTRATION)


async def user(world: World, email: str = "ben@example.com") -> User:
    made = User.new(email, "Ben", world.clock.now())
    async with world.begin() as work:
        await work.users.add(made)
        return await work.commit(made)


def told(world: World) -> list[str]:
    return [event.type for event in world.store.activity[INSTANCE]]


async def test_a_user_is_kept_out_and_let_in_again_which_is_told_once(world: World) -> None:
    caller, ben = await administrator(world), await user(world)
    act = SetUserActive(world.begin, world.clock)
    for active, since in ((False, world.clock.now()), (False, world.clock.now()), (True, None), (True, None)):
        assert (await act(caller, ben.id, active=active)).deactivated_at == since
    assert told(world) == ["user.deactivated", "user.activated"]


async def test_the_last_administrator_cannot_keep_themselves_out(world: World) -> None:
    caller = await administrator(world)
    act = SetUserActive(world.begin, world.clock)
    with pytest.raises(LastAdministrator):
        await act(caller, UserId(caller.actor.id), active=False)
    await administrator(world, "eve@example.com")
    assert (await act(caller, UserId(caller.actor.id), active=False)).deactivated_at


async def test_who_is_deleted_or_unknown_is_not_found(world: World) -> None:
    caller, ben = await administrator(world), await user(world)
    act = SetUserActive(world.begin, world.clock)
    gone = await act(caller, ben.id, active=False)
    async with world.begin() as work:
        deleted = UserDeleted(workspace_id=INSTANCE, actor=caller.actor, at=world.clock.now(), user_id=ben.id)
        await work.users.save(gone.deleted(world.clock.now()), because=deleted)
        await work.commit(None)
    for active in (True, False):
        for user_id in (ben.id, UserId(new_id(world.clock.now()))):
            with pytest.raises(NotFound):
                await act(caller, user_id, active=active)


async def test_a_workspace_is_suspended_and_restored_which_is_told_to_both(world: World) -> None:
    caller = await administrator(world)
    _, workspace = await world.owner("ben@example.com")
    act = SetWorkspaceSuspended(world.begin, world.clock)
    for suspended in (True, True, False, False):
        assert ((await act(caller, workspace.id, suspended=suspended)).suspended_at is not None) == suspended
    assert told(world) == ["workspace.suspended", "workspace.restored"]
    assert [event.type for event in world.store.activity[workspace.id]][1:] == told(world)
    with pytest.raises(NotFound):
        await act(caller, WorkspaceId(new_id(world.clock.now())), suspended=True)


async def test_at_the_console_somebody_becomes_an_administrator_and_stops_to_be_one(world: World) -> None:
    await administrator(world)
    ben = await user(world)
    grant = GrantAdministration(world.begin, world.clock)
    for granted in (True, True, False, False):
        assert (await grant("BEN@example.com", granted=granted)).administrator == granted
    assert told(world) == ["administration.granted", "administration.revoked"]
    with pytest.raises(LastAdministrator):
        await grant("ada@example.com", granted=False)
    with pytest.raises(NotFound):
        await grant("nobody@example.com", granted=True)
    assert ben.administrator is False


async def test_whoever_looks_through_the_instance_is_noted(world: World) -> None:
    caller = await administrator(world)
    note = NoteListing(world.begin, world.clock)
    assert len((await ListUsers(world.instance, note)(caller, None, 10)).items) == 1
    assert len((await ListAllWorkspaces(world.instance, note)(caller, None, 10)).items) == 1
    assert len((await ListDeadJobs(world.instance, note)(caller, None, 10)).items) == 0
    page = await ReadInstanceActivity(world.activity, note)(caller, ActivityFilter(), None, 10)
    assert [event.data["what"] for event in page.items] == ["activity", "jobs", "workspaces", "users"]
    assert {event.actor.id for event in page.items} == {caller.actor.id}


async def test_nobody_else_looks_or_acts(world: World) -> None:
    caller, workspace = await world.owner()
    note = NoteListing(world.begin, world.clock)
    for other, refusal in (
        (replace(caller, own=ACCOUNT), Forbidden),
        (replace(caller, own=frozenset({Permission.INSTANCE_READ})), Forbidden),
        (Caller(actor=(await world.visit()).caller.actor), NotFound),
    ):
        with pytest.raises(refusal):
            await SetUserActive(world.begin, world.clock)(other, UserId(caller.actor.id), active=False)
        with pytest.raises(refusal):
            await SetWorkspaceSuspended(world.begin, world.clock)(other, workspace.id, suspended=True)
        if Permission.INSTANCE_READ not in other.own:
            with pytest.raises(refusal):
                await ListUsers(world.instance, note)(other, None, 10)
            with pytest.raises(refusal):
                await ReadInstanceActivity(world.activity, note)(other, ActivityFilter(), None, 10)
    assert told(world) == []
