from datetime import timedelta
from uuid import uuid4

import pytest

from application.identity.begin_sign_up import SignUpCommand
from application.identity.open_session import SignedIn
from domain.access import Role
from domain.errors import Invalid
from domain.identity import EmailTaken, SignUp, SignUpClosed
from domain.ids import UserId
from domain.workspaces import Invite, WorkspaceEdited
from domain.workspaces.invites import InviteExpired, InviteToken, OtherEmail
from tests.application.identity.front_door import EMAIL, PASSWORD, FrontDoor


@pytest.fixture
async def token(door: FrontDoor) -> InviteToken:
    """Of an invite to Ada, where nobody signs up without one."""
    door.policy = SignUp.INVITE
    owner, workspace = await door.world.ensure_owner("owner@example.com", "Olga")
    now = door.world.clock.now()
    invite, token = Invite.new(workspace.id, EMAIL, Role.MEMBER, UserId(owner.actor.id), now)
    edited = WorkspaceEdited(workspace_id=workspace.id, actor=owner.actor, at=now, fields=())
    async with door.world.begin() as work:
        await work.invites.add(invite, because=edited)
        return await work.commit(token)


async def sign_up(door: FrontDoor, invite: str, email: str = EMAIL, name: str = "Ada") -> SignedIn:
    return await door.sign_up_invited(SignUpCommand(email=email, password=PASSWORD, name=name), invite)


async def test_an_invite_makes_a_user_with_a_session_and_a_workspace_of_their_own(
    door: FrontDoor, token: InviteToken
) -> None:
    signed_in = await sign_up(door, token.reveal(), "Ada@Example.com")
    assert signed_in.user.email == EMAIL
    assert len((await door.caller(signed_in)).grants) == 1
    assert door.world.store.invites.rows[token.id].pending
    await door.signs_in()
    with pytest.raises(EmailTaken):
        await sign_up(door, token.reveal())


async def test_an_invite_is_for_its_address_alone(door: FrontDoor, token: InviteToken) -> None:
    with pytest.raises(OtherEmail):
        await sign_up(door, token.reveal(), "eve@example.com")
    assert door.hasher.done == 0


async def test_what_is_no_invite_any_more_opens_nothing(door: FrontDoor, token: InviteToken) -> None:
    for wrong in ("", "nonsense", InviteToken(token.id, "x").reveal(), f"fd_invite_{uuid4().hex}_{token.secret}"):
        with pytest.raises(InviteExpired):
            await sign_up(door, wrong)
    door.world.clock.advance(timedelta(days=7))
    with pytest.raises(InviteExpired):
        await sign_up(door, token.reveal())


async def test_where_nobody_signs_up_an_invite_does_not_help(door: FrontDoor, token: InviteToken) -> None:
    door.policy = SignUp.CLOSED
    with pytest.raises(SignUpClosed):
        await sign_up(door, token.reveal())


async def test_who_is_invited_is_checked_as_anybody(door: FrontDoor, token: InviteToken) -> None:
    with pytest.raises(Invalid):
        await sign_up(door, token.reveal(), name="")
