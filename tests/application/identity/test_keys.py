from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.callers import MemoryCallers
from adapters.memory.identity_views import MemoryKeyViews
from application.identity.keys import IssuedKey, IssueKey, IssueKeyCommand, ListKeys, RevokeKey
from application.ports.workspaces import WorkspaceView
from domain.access import ADMINISTRATION, Caller, Grant, Permission, Role
from domain.errors import Forbidden, Invalid, NotFound, Unauthenticated
from domain.identity import Credential, KeyIssued, SessionLife, User, issue_key, issue_session
from domain.identity.keys import OF_A_WORKSPACE
from domain.ids import CredentialId, InviteId, UserId, new_id
from domain.workspaces import MemberJoined, Membership
from tests.application.world import World

READ, WRITE = Permission.SERVICE_READ, Permission.SERVICE_WRITE


async def issue(
    world: World, caller: Caller, workspace: WorkspaceView, permissions: Collection[Permission] = (READ,), **more: Any
) -> IssuedKey:
    command = replace(IssueKeyCommand(name="till", permissions=permissions), **more)
    return await IssueKey(world.begin, world.clock)(caller, workspace.id, command)


async def opened(world: World, token: str) -> Caller:
    return await MemoryCallers(world.store, world.clock, SessionLife()).of_token(token)


async def revoke(world: World, caller: Caller, key_id: CredentialId) -> None:
    await RevokeKey(world.begin, world.clock)(caller, key_id)


async def listed(world: World, caller: Caller, workspace: WorkspaceView) -> list[str]:
    page = await ListKeys(MemoryKeyViews(world.store), world.clock)(caller, workspace.id, None, 25)
    return [key.name for key in page.items]


async def joined(world: World, workspace: WorkspaceView, role: Role) -> Caller:
    """A new user with this role in the workspace."""
    now = world.clock.now()
    user = User.new(f"{role}@example.com", role.title(), now)
    told = MemberJoined(
        workspace_id=workspace.id,
        actor=user.actor,
        at=now,
        user_id=user.id,
        role=role,
        invite_id=InviteId(new_id(now)),
    )
    async with world.begin() as work:
        await work.users.add(user)
        await work.members.add(
            Membership(workspace_id=workspace.id, user_id=user.id, role=role, joined_at=now), because=told
        )
        await work.commit(None)
    return Caller(actor=user.actor, grants={workspace.id: Grant.of(role)})


async def stored(world: World, workspace: WorkspaceView, credential: Credential, caller: Caller) -> CredentialId:
    """The id of a credential that was made elsewhere."""
    told = KeyIssued.of(credential, workspace.id, by=caller.actor, at=world.clock.now())
    async with world.begin() as work:
        await work.credentials.add(credential, because=told)
        await work.commit(None)
    return credential.id


async def test_a_key_opens_what_it_was_given_in_its_workspace_and_nothing_else(world: World) -> None:
    owner, workspace = await world.owner()
    admin = await joined(world, workspace, Role.ADMIN)
    await world.open_personal_workspace(Caller(actor=admin.actor))
    issued = await issue(world, admin, workspace)

    caller = await opened(world, issued.token)
    assert (caller.actor, caller.own, caller.credential_id) == (admin.actor, frozenset(), issued.key.id)
    assert {at: grant.permissions for at, grant in caller.grants.items()} == {workspace.id: {READ}}
    assert (issued.key.permissions, issued.key.user) == ((READ,), admin.actor)
    assert [event.type for event in world.events(workspace.id)][-1] == "key.issued"
    assert await listed(world, owner, workspace) == ["till"]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", sorted(OF_A_WORKSPACE))
async def test_nobody_gives_a_key_what_they_have_not_themselves(
    world: World, role: Role, permission: Permission
) -> None:
    _, workspace = await world.owner()
    caller = await joined(world, workspace, role)
    has = {Permission.KEY_WRITE, permission} <= caller.grants[workspace.id].permissions
    if has:
        assert (await issue(world, caller, workspace, [READ, permission])).key.permissions
        return
    with pytest.raises(Forbidden):
        await issue(world, caller, workspace, [READ, permission])
    assert not world.store.credentials.rows


async def test_a_key_gives_another_key_no_more_than_itself(world: World) -> None:
    owner, workspace = await world.owner()
    first = await opened(world, (await issue(world, owner, workspace, [Permission.KEY_WRITE, READ])).token)

    assert (await issue(world, first, workspace)).key.permissions == (READ,)
    with pytest.raises(Forbidden, match="This key lacks the permission 'service:write'"):
        await issue(world, first, workspace, [READ, WRITE])


async def test_a_key_makes_no_key_that_outlives_it(world: World) -> None:
    owner, workspace = await world.owner()
    end = world.clock.now() + timedelta(days=1)
    maker = await issue(world, owner, workspace, [Permission.KEY_WRITE, READ], expires_at=end)
    key = await opened(world, maker.token)
    for late in (None, end + timedelta(seconds=1)):
        with pytest.raises(Invalid) as refusal:
            await issue(world, key, workspace, expires_at=late)
        assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/expires_at", "too_late")]
    assert (await issue(world, key, workspace, expires_at=end)).key.expires_at == end

    await revoke(world, owner, maker.key.id)
    with pytest.raises(Unauthenticated):  # while its request was on the way
        await issue(world, key, workspace, expires_at=end)


async def test_who_was_removed_while_their_request_was_on_the_way_gets_no_key(world: World) -> None:
    _, workspace = await world.owner()
    admin = await joined(world, workspace, Role.ADMIN)
    del world.store.memberships.rows[workspace.id, UserId(admin.actor.id)]
    with pytest.raises(NotFound):
        await issue(world, admin, workspace)
    assert not world.store.credentials.rows


@pytest.mark.parametrize("permission", sorted(ADMINISTRATION | {Permission.VISIT_READ, Permission.VISIT_WRITE}))
async def test_no_key_of_a_workspace_has_an_account_the_instance_or_a_visit(
    world: World, permission: Permission
) -> None:
    owner, workspace = await world.owner()
    with pytest.raises(Invalid) as refusal:
        await issue(world, replace(owner, own=ADMINISTRATION), workspace, [READ, permission])
    (fault,) = refusal.value.faults
    assert (fault.pointer, fault.code, permission in fault.detail) == ("/permissions", "unknown_permission", True)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"permissions": []}, "/permissions", "too_short"),
        ({"name": "  "}, "/name", "too_short"),
        ({"name": "n" * 101}, "/name", "too_long"),
    ],
)
async def test_what_cannot_be_a_key_is_named(world: World, changes: dict[str, Any], pointer: str, code: str) -> None:
    owner, workspace = await world.owner()
    with pytest.raises(Invalid) as refusal:
        await issue(world, owner, workspace, **changes)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [(pointer, code)]


async def test_a_key_expires_in_the_future_or_never_and_then_opens_nothing(world: World) -> None:
    owner, workspace = await world.owner()
    now, second = world.clock.now(), timedelta(seconds=1)
    for past in (now - second, now):
        with pytest.raises(Invalid) as refusal:
            await issue(world, owner, workspace, expires_at=past)
        assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/expires_at", "in_the_past")]
    short = await issue(world, owner, workspace, name="short", expires_at=now + 2 * second)
    long = await issue(world, owner, workspace, name="long")

    world.clock.advance(second)
    assert (await opened(world, short.token)).actor == owner.actor
    world.clock.advance(second)
    with pytest.raises(Unauthenticated):
        await opened(world, short.token)
    assert await listed(world, owner, workspace) == ["long"]
    assert (await opened(world, long.token)).actor == owner.actor


async def test_a_revoked_key_opens_nothing_and_that_is_told_once(world: World) -> None:
    owner, workspace = await world.owner()
    issued, other = await issue(world, owner, workspace), await issue(world, owner, workspace, name="other")

    for _ in range(2):
        await revoke(world, owner, issued.key.id)
    with pytest.raises(Unauthenticated):
        await opened(world, issued.token)
    assert await listed(world, owner, workspace) == ["other"]
    assert (await opened(world, other.token)).actor == owner.actor
    assert world.happened().count("key.revoked") == 1


async def test_only_a_key_of_ones_own_workspace_can_be_revoked(world: World) -> None:
    owner, workspace = await world.owner()
    eve, elsewhere = await world.owner("eve@example.com")
    issued, now = await issue(world, owner, workspace), world.clock.now()
    session, _ = issue_session(UserId(owner.actor.id), "tests", now, SessionLife())
    start_key, _ = issue_key(world.store.users.rows[UserId(owner.actor.id)], None, "start", now)
    others = [await stored(world, workspace, each, owner) for each in (session, start_key)]

    refused = [(owner, each) for each in (*others, CredentialId(new_id(now)))]
    for caller, key_id in [*refused, (eve, issued.key.id), (world.stranger(), issued.key.id)]:
        with pytest.raises(NotFound):
            await revoke(world, caller, key_id)
    for caller in (await joined(world, workspace, Role.MEMBER), world.viewer(workspace)):
        with pytest.raises(Forbidden):
            await revoke(world, caller, issued.key.id)
        with pytest.raises(Forbidden):
            await listed(world, caller, workspace)
    with pytest.raises(NotFound):
        await listed(world, owner, elsewhere)
    assert all(row.revoked_at is None for row in world.store.credentials.rows.values())
    assert await listed(world, owner, workspace) == ["till"]  # neither the session nor what opens all of theirs
    assert "key.revoked" not in world.happened()
