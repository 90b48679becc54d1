from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access import Caller, Grant, Permission, Role
from domain.errors import Forbidden
from domain.ids import WorkspaceId
from tests.application.workspaces.house import House

MANAGES = frozenset({Permission.MEMBER_READ, Permission.MEMBER_WRITE})


async def olgas_key(house: House, studio: WorkspaceId, permissions: frozenset[Permission]) -> Caller:
    """An owner, as far as a key with these permissions goes."""
    caller = await house.caller("olga")
    return replace(caller, grants={studio: Grant.of(Role.OWNER, permissions)}, own=frozenset())


async def test_an_owners_key_makes_and_unmakes_owners_with_the_permission_for_that_alone(house: House) -> None:
    studio = await house.studio(otto=Role.OWNER, max=Role.MEMBER, eve=Role.OWNER)
    key = await olgas_key(house, studio.id, MANAGES)
    for name, role in (("max", Role.OWNER), ("otto", Role.VIEWER), ("otto", Role.OWNER)):
        with pytest.raises(Forbidden, match="This key lacks the permission 'ownership:write'"):
            await house.change_role(key, studio.id, await house.id_of(name), role)
    with pytest.raises(Forbidden, match="ownership:write"):
        await house.remove(key, studio.id, await house.id_of("otto"))
    assert (await house.change_role(key, studio.id, await house.id_of("max"), Role.ADMIN)).role is Role.ADMIN
    await house.remove(key, studio.id, await house.id_of("max"))

    trusted = await olgas_key(house, studio.id, MANAGES | {Permission.OWNERSHIP_WRITE})
    await house.change_role(trusted, studio.id, await house.id_of("otto"), Role.ADMIN)
    await house.remove(trusted, studio.id, await house.id_of("eve"))
    assert house.roles(studio.id) == {"olga": Role.OWNER, "otto": Role.ADMIN}


async def test_an_owners_key_invites_owners_and_looks_after_their_invites_with_that_permission(house: House) -> None:
    studio, email = await house.studio(), "heir@example.com"
    key = await olgas_key(house, studio.id, MANAGES)
    with pytest.raises(Forbidden, match="This key lacks the permission 'ownership:write'"):
        await house.invite(key, studio.id, email, Role.OWNER)
    trusted = await olgas_key(house, studio.id, MANAGES | {Permission.OWNERSHIP_WRITE})
    invite = await house.invite(trusted, studio.id, email, Role.OWNER)
    house.pass_time(timedelta(minutes=1))
    for act in (house.resend, house.revoke):
        with pytest.raises(Forbidden, match="ownership:write"):
            await act(key, invite.id)
    await house.resend(trusted, invite.id)
    await house.revoke(trusted, invite.id)
    assert (await house.invite(key, studio.id, email, Role.ADMIN)).role is Role.ADMIN
