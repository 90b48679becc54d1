"""Users who go."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.identity.delete_user import DeleteUser, EndUser
from application.jobs.tidy_up import TidyUp
from application.ports.workspaces import WorkspaceView
from domain.access import ACCOUNT, Caller, Role
from domain.actors import FORMER_MEMBER
from domain.errors import Forbidden, Invalid, NotFound
from domain.identity import IdentityLink, LastAdministrator
from domain.ids import UserId, WorkspaceId, new_id
from domain.jobs import Job, JobStatus
from domain.workspaces import (
    Handle,
    Invite,
    InviteCreated,
    InviteRevoked,
    LastOwner,
    Membership,
    Workspace,
    WorkspaceCreated,
)
from tests.application.world import World


async def a_user(world: World, email: str = "bob@example.com") -> tuple[Caller, WorkspaceView]:
    """A user who is no administrator, with their personal workspace."""
    caller, workspace = await world.owner(email)
    user_id = UserId(caller.actor.id)
    world.store.users.rows[user_id] = replace(world.store.users.rows[user_id], administrator=False)
    return replace(caller, own=ACCOUNT), workspace


async def a_club(world: World, owner: Caller, *others: tuple[Caller, Role]) -> WorkspaceId:
    """A shared workspace; who is named first joined first."""
    now = world.clock.now()
    club = Workspace.shared("Club", Handle(f"club-{new_id(now).hex}"), now)
    async with world.begin() as work:
        created = WorkspaceCreated(workspace_id=club.id, actor=owner.actor, at=now, handle=str(club.handle))
        await work.workspaces.add(club, UserId(owner.actor.id), because=created)
        for number, (member, role) in enumerate(others):
            joined = Membership(
                workspace_id=club.id,
                user_id=UserId(member.actor.id),
                role=role,
                joined_at=now + timedelta(seconds=number),
            )
            await work.members.add(joined, because=created)
        return await work.commit(club.id)


async def delete(world: World, caller: Caller, confirm: str = "bob@example.com") -> None:
    await DeleteUser(world.begin, world.clock)(caller, confirm)


def roles(world: World, workspace_id: WorkspaceId) -> dict[object, Role]:
    rows = world.store.memberships.rows.values()
    return {row.user_id: row.role for row in rows if row.workspace_id == workspace_id}


async def test_the_personal_workspace_goes_and_its_activity_and_jobs_stay(world: World) -> None:
    bob, home = await a_user(world)
    waiting = Job.of(TidyUp(), world.clock.now())
    async with world.begin() as work:
        await work.jobs.add(replace(waiting, workspace_id=home.id))
        await work.commit(None)
    await delete(world, bob)
    assert home.id not in world.store.workspaces.rows
    assert world.job(waiting.id).status is JobStatus.CANCELLED
    assert [event.type for event in world.events(home.id)][-3:] == [
        "job.cancelled",
        "workspace.deleted",
        "user.deleted",
    ]
    left = world.store.users.rows[UserId(bob.actor.id)]
    assert (left.email, left.name, left.active) == (None, FORMER_MEMBER, False)


async def test_the_bytes_of_their_files_are_collected_soon(world: World) -> None:
    bob, _ = await a_user(world)
    await delete(world, bob)
    assert [job.type for job in world.store.jobs.rows.values()] == ["collect_blobs"]


async def test_an_identity_stays_without_them_so_that_nothing_older_revives_it(world: World) -> None:
    bob, _ = await a_user(world)
    now = world.clock.now()
    link = IdentityLink(issuer="i", subject="s", user_id=UserId(bob.actor.id), created_at=now)
    async with world.begin() as work:
        await work.identities.put(link)
        await work.commit(None)
    world.clock.advance(timedelta(minutes=1))
    await delete(world, bob)
    assert list(world.store.identities.rows.values()) == [replace(link, user_id=None, told_at=world.clock.now())]


async def test_the_last_owner_is_told_where_to_hand_over(world: World) -> None:
    bob, _ = await a_user(world)
    eve, _ = await a_user(world, "eve@example.com")
    club, alone = await a_club(world, bob, (eve, Role.ADMIN)), await a_club(world, bob)
    with pytest.raises(LastOwner) as refused:
        await delete(world, bob)
    handles = {each: str(world.store.workspaces.rows[each].handle) for each in (club, alone)}
    assert handles[club] in str(refused.value)
    assert handles[alone] not in str(refused.value)
    assert world.store.users.rows[UserId(bob.actor.id)].active
    await EndUser(world.begin, world.clock)(UserId(eve.actor.id))
    await delete(world, bob)
    assert {club, alone} & set(world.store.workspaces.rows) == set()


async def test_another_owner_lets_them_go(world: World) -> None:
    bob, _ = await a_user(world)
    eve, _ = await a_user(world, "eve@example.com")
    club = await a_club(world, bob, (eve, Role.OWNER))
    await delete(world, bob)
    assert roles(world, club) == {eve.actor.id: Role.OWNER}
    assert world.events(club)[-1].type == "member.left"


async def test_who_cannot_be_asked_is_followed_by_the_next_in_line(world: World) -> None:
    bob, home = await a_user(world)
    others = [(await a_user(world, f"{number}@example.com"))[0] for number in range(3)]
    ranks = (Role.MEMBER, Role.ADMIN, Role.ADMIN)
    club = await a_club(world, bob, *zip(others, ranks, strict=True))
    for _ in range(2):
        await EndUser(world.begin, world.clock)(UserId(bob.actor.id))
    assert list(roles(world, club).values()) == [Role.MEMBER, Role.OWNER, Role.ADMIN]
    assert [event.type for event in world.events(club)][-2:] == ["member.role_changed", "member.removed"]
    assert [event.type for event in world.events(home.id)].count("user.deleted") == 1


async def test_whoever_alone_looks_after_the_instance_stays(world: World) -> None:
    ada, _ = await world.owner("ada@example.com")
    with pytest.raises(LastAdministrator):
        await delete(world, replace(ada, own=ACCOUNT), "ada@example.com")
    await world.owner("eve@example.com")
    await delete(world, replace(ada, own=ACCOUNT), "ada@example.com")


async def test_nobody_goes_without_confirming_it_or_by_another(world: World) -> None:
    bob, _ = await a_user(world)
    with pytest.raises(Invalid):
        await delete(world, bob, "Ada")
    with pytest.raises(Forbidden):
        await delete(world, replace(bob, own=frozenset()))
    with pytest.raises(NotFound):
        await delete(world, (await world.visit()).caller)
    assert world.store.users.rows[UserId(bob.actor.id)].active


async def test_invites_to_their_address_are_taken_back(world: World) -> None:
    owner, _ = await a_user(world, "ada@example.com")
    bob, _ = await a_user(world)
    club = await a_club(world, owner)
    now = world.clock.now()
    async with world.begin() as work:
        invite, _ = Invite.new(club, "bob@example.com", Role.MEMBER, UserId(owner.actor.id), now)
        await work.invites.add(invite, because=InviteCreated.of(invite, by=owner.actor, at=now))
        await work.commit(None)
    await delete(world, bob)
    assert world.store.invites.rows[invite.id].revoked_at == now
    assert "invite.revoked" in [event.type for event in world.store.activity[club]]


async def test_an_invite_that_is_revoked_meanwhile_is_left_as_it_is(world: World) -> None:
    owner, _ = await a_user(world, "ada@example.com")
    bob, _ = await a_user(world)
    club = await a_club(world, owner)
    now = world.clock.now()
    earlier = now - timedelta(hours=1)
    async with world.begin() as work:
        invite, _ = Invite.new(club, "bob@example.com", Role.MEMBER, UserId(owner.actor.id), earlier)
        await work.invites.add(invite, because=InviteCreated.of(invite, by=owner.actor, at=earlier))
        await work.commit(None)
    async with asyncio.TaskGroup() as group, world.begin() as work:
        locked = await work.invites.lock(invite.id)
        deleting = group.create_task(delete(world, bob))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not deleting.done()
        await work.invites.save(locked.revoked(earlier), because=InviteRevoked.of(locked, by=owner.actor, at=earlier))
        await work.commit(None)
    assert world.store.invites.rows[invite.id].revoked_at == earlier
    assert [event.type for event in world.store.activity[club]].count("invite.revoked") == 1
