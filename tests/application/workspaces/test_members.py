import asyncio
from dataclasses import replace

import pytest

from adapters.memory.callers import MemoryCallers
from domain.access import Role, access_topic
from domain.errors import Forbidden, NotFound, Unauthenticated
from domain.identity import KeyIssued, SessionLife, issue_key
from domain.ids import UserId
from domain.permissions import Permission
from domain.workspaces import LastOwner, PersonalWorkspace
from tests.application.workspaces.house import House


async def test_members_are_shown_to_all_and_their_addresses_to_those_who_manage_them(house: House) -> None:
    studio = await house.studio(ada=Role.ADMIN, vera=Role.VIEWER)
    for name, shown in (("olga", True), ("ada", True), ("vera", False)):
        page = await house.list_members(await house.caller(name), studio.id, None, 10)
        assert [member.role for member in page.items] == [Role.VIEWER, Role.ADMIN, Role.OWNER]
        assert [member.email is not None for member in page.items] == [shown] * 3
    with pytest.raises(NotFound):
        await house.list_members(await house.caller("eve"), studio.id, None, 10)


async def test_a_role_is_changed_and_told_with_what_it_was(house: House) -> None:
    studio = await house.studio(ada=Role.ADMIN, max=Role.MEMBER)
    ada, max_ = await house.caller("ada"), await house.id_of("max")
    view = await house.change_role(ada, studio.id, max_, Role.VIEWER)
    assert (view.user_id, view.name, view.email, view.role) == (max_, "Max", "max@example.com", Role.VIEWER)
    told = house.world.events(studio.id)[-1]
    assert (told.type, told.actor, told.subject.id) == ("member.role_changed", ada.actor, max_)
    assert told.data == {"user_id": str(max_), "before": "member", "after": "viewer"}
    again = await house.change_role(ada, studio.id, max_, Role.VIEWER)
    assert (again, house.world.events(studio.id)[-1]) == (view, told)


async def test_what_a_caller_was_when_their_request_came_counts_for_nothing(house: House) -> None:
    studio = await house.studio(otto=Role.OWNER, max=Role.MEMBER)
    stale, max_ = await house.caller("otto"), await house.id_of("max")
    await house.change_role(await house.caller("olga"), studio.id, await house.id_of("otto"), Role.ADMIN)
    with pytest.raises(Forbidden):
        await house.change_role(stale, studio.id, max_, Role.OWNER)
    await house.remove(await house.caller("olga"), studio.id, await house.id_of("otto"))
    with pytest.raises(NotFound):
        await house.remove(stale, studio.id, max_)
    assert house.roles(studio.id) == {"olga": Role.OWNER, "max": Role.MEMBER}


async def test_a_removed_members_keys_of_the_workspace_open_nothing_also_when_they_come_back(house: House) -> None:
    studio = await house.studio(max=Role.MEMBER)
    elsewhere = await house.create(await house.caller("max"), "Elsewhere")
    user, now = await house.user("max"), house.world.clock.now()
    keys = [issue_key(user, workspace_id, "robot", now) for workspace_id in (studio.id, elsewhere.id, None)]
    async with house.world.begin() as work:
        for key, _ in keys:
            await work.credentials.add(key, because=KeyIssued.of(key, studio.id, by=user.actor, at=now))
        await work.commit(None)
    await house.remove(await house.caller("olga"), studio.id, user.id)
    told = house.world.events(studio.id)[-1]
    assert (told.type, told.data) == ("member.removed", {"user_id": str(user.id), "role": "member"})
    house.pass_time()
    await house.invite(await house.caller("olga"), studio.id, "max@example.com", Role.MEMBER)
    await house.accept(await house.caller("max"), house.token())
    callers = MemoryCallers(house.world.store, house.world.clock, SessionLife())
    with pytest.raises(Unauthenticated):
        await callers.of_token(keys[0][1].reveal())
    assert set((await callers.of_token(keys[1][1].reveal())).grants) == {elsewhere.id}
    assert set((await callers.of_token(keys[2][1].reveal())).grants) == {elsewhere.id, studio.id}


async def test_whoever_loses_something_is_rung_for(house: House) -> None:
    studio = await house.studio(otto=Role.OWNER, ada=Role.ADMIN, max=Role.MEMBER)
    olga, otto = await house.caller("olga"), await house.id_of("otto")
    ada, max_ = await house.id_of("ada"), await house.id_of("max")
    changes = (
        (max_, lambda: house.remove(olga, studio.id, max_)),
        (ada, lambda: house.change_role(olga, studio.id, ada, Role.VIEWER)),
        (olga.actor.id, lambda: house.transfer(olga, studio.id, ada)),
    )
    for user_id, change in changes:
        async with house.world.bell.listen(f"access:{user_id}") as news:
            await change()
            assert await news.heard(0)
    caller = await house.caller("ada")
    async with house.world.bell.listen(access_topic(otto)) as news:
        await house.delete(caller, studio.id, studio.handle)
        assert await news.heard(0)


async def test_a_member_leaves_but_not_the_last_owner(house: House) -> None:
    studio = await house.studio(max=Role.MEMBER)
    max_ = await house.caller("max")
    await house.leave(max_, studio.id)
    told = house.world.events(studio.id)[-1]
    assert (told.type, told.data) == ("member.left", {"user_id": str(max_.actor.id), "role": "member"})
    with pytest.raises(LastOwner):
        await house.leave(await house.caller("olga"), studio.id)
    with pytest.raises(NotFound):
        await house.leave(max_, studio.id)
    assert house.roles(studio.id) == {"olga": Role.OWNER}


async def test_a_key_that_is_not_for_the_account_does_not_leave(house: House) -> None:
    studio = await house.studio(max=Role.MEMBER)
    with pytest.raises(Forbidden):
        await house.leave(replace(await house.caller("max"), own=frozenset[Permission]()), studio.id)


async def test_of_two_owners_who_leave_at_once_one_stays(house: House) -> None:
    studio = await house.studio(otto=Role.OWNER)
    callers = [await house.caller(name) for name in ("olga", "otto")]
    answers = await asyncio.gather(*(house.leave(each, studio.id) for each in callers), return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [LastOwner]
    assert list(house.roles(studio.id).values()) == [Role.OWNER]


async def test_an_owner_hands_a_workspace_over_and_stays_as_an_admin(house: House) -> None:
    studio = await house.studio(max=Role.MEMBER)
    olga, max_ = await house.caller("olga"), await house.id_of("max")
    view = await house.transfer(olga, studio.id, max_)
    assert (view.user_id, view.role) == (max_, Role.OWNER)
    assert house.roles(studio.id) == {"olga": Role.ADMIN, "max": Role.OWNER}
    told = [(event.type, event.data) for event in house.world.events(studio.id)[-3:]]
    both = {"before": str(olga.actor.id), "after": str(max_)}
    assert told == [
        ("workspace.transferred", both),
        ("member.role_changed", {"user_id": str(max_), "before": "member", "after": "owner"}),
        ("member.role_changed", {"user_id": str(olga.actor.id), "before": "owner", "after": "admin"}),
    ]
    with pytest.raises(Forbidden):
        await house.transfer(await house.caller("olga"), studio.id, max_)


async def test_others_are_invited_to_a_personal_workspace_whose_owner_stays(house: House) -> None:
    owner, workspace = await house.world.owner()
    await house.invite(owner, workspace.id, "otto@example.com", Role.OWNER)
    await house.accept(await house.caller("otto"), house.token())
    otto, host = await house.caller("otto"), UserId(owner.actor.id)
    for refused in (
        lambda: house.leave(replace(owner, own=otto.own), workspace.id),
        lambda: house.transfer(owner, workspace.id, UserId(otto.actor.id)),
        lambda: house.remove(otto, workspace.id, host),
        lambda: house.change_role(otto, workspace.id, host, Role.VIEWER),
    ):
        with pytest.raises(PersonalWorkspace):
            await refused()
    assert [row.role for row in house.world.store.memberships.rows.values()] == [Role.OWNER] * 2


async def test_whoever_is_removed_or_demoted_leaves_no_door_open_behind_them(house: House) -> None:
    studio = await house.studio(otto=Role.OWNER, ada=Role.ADMIN, ann=Role.ADMIN)
    sent = [("otto", Role.OWNER), ("otto", Role.ADMIN), ("ada", Role.ADMIN), ("ann", Role.ADMIN), ("olga", Role.OWNER)]
    for number, (name, role) in enumerate(sent):
        await house.invite(await house.caller(name), studio.id, f"guest{number}@example.com", role)

    async def pending() -> list[str]:
        page = await house.list_invites(await house.caller("olga"), studio.id, None, 10)
        return sorted(invite.email or "" for invite in page.items)

    await house.change_role(await house.caller("olga"), studio.id, await house.id_of("otto"), Role.ADMIN)
    assert await pending() == [f"guest{number}@example.com" for number in (1, 2, 3, 4)]
    await house.remove(await house.caller("olga"), studio.id, await house.id_of("ada"))
    assert await pending() == [f"guest{number}@example.com" for number in (1, 3, 4)]
    await house.change_role(await house.caller("olga"), studio.id, await house.id_of("ann"), Role.MEMBER)
    assert await pending() == [f"guest{number}@example.com" for number in (1, 4)]
    assert [event.type for event in house.world.events(studio.id)].count("invite.revoked") == 3
