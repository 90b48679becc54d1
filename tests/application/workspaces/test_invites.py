import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from application.mail.order import MailOrder
from application.mail.send_mail import SendMail
from application.workspaces.accept_invite import LookAtInvite
from application.workspaces.invite_limit import LETTERS
from domain.access import Role
from domain.errors import Forbidden, Invalid, Limited, NotFound
from domain.identity import User
from domain.ids import InviteId
from domain.mail import MailKind
from domain.workspaces import (
    INVITE_LIFE,
    AlreadyInvited,
    AlreadyMember,
    InviteExpired,
    OtherEmail,
    ResentTooSoon,
)
from domain.workspaces.invites import InviteToken
from tests.application.workspaces.house import House
from tests.application.world import World

GUEST = "guest@example.com"


async def test_an_invited_guest_joins_with_the_mailed_link(house: House) -> None:
    studio, guest = await house.studio(), await house.caller("guest")
    invite = await house.invite(await house.caller("olga"), studio.id, " Guest@Example.com ", Role.ADMIN)
    assert (invite.email, invite.role, invite.invited_by) == (GUEST, Role.ADMIN, await house.id_of("olga"))
    joined = await house.accept(guest, house.token())
    assert (joined.id, joined.role) == (studio.id, Role.ADMIN)
    assert house.roles(studio.id) == {"olga": Role.OWNER, "guest": Role.ADMIN}
    told = {event.type: event.data for event in house.world.events(studio.id)[1:]}
    about = {"invite_id": str(invite.id), "role": "admin"}
    assert told == {
        "invite.created": about,
        "invite.accepted": about,
        "member.joined": {**about, "user_id": str(guest.actor.id)},
    }
    assert list((await house.list_invites(await house.caller("olga"), studio.id, None, 10)).items) == []


async def test_who_invites_and_revokes_again_and_again_fills_nobodys_mailbox(house: House) -> None:
    workspaces = [await house.studio(), await house.create(await house.caller("olga"), "Annex")]
    olga = await house.caller("olga")
    for number in range(LETTERS.amount):
        invite = await house.invite(olga, workspaces[number % 2].id, GUEST, Role.VIEWER)
        await house.revoke(olga, invite.id)
    with pytest.raises(Limited) as limited:
        await house.invite(olga, workspaces[0].id, GUEST, Role.VIEWER)
    assert limited.value.retry_after > 0
    studio = await house.create(await house.caller("otto"), "Elsewhere")
    assert await house.invite(await house.caller("otto"), studio.id, GUEST, Role.VIEWER) is not None


async def test_the_letter_is_ordered_sealed_and_says_who_invites_to_what(house: House) -> None:
    studio = await house.studio()
    await house.invite(await house.caller("olga"), studio.id, GUEST, Role.VIEWER)
    (job,) = [job for job in house.world.store.jobs.rows.values() if job.type == SendMail.type]
    assert (job.workspace_id, job.payload["recipient_id"]) == (studio.id, None)
    token = house.token()
    assert token not in str(job.payload)
    assert GUEST not in str(job.payload)
    order = MailOrder.unsealed(str(job.payload["sealed"]), house.world.secret_box)
    assert (order.kind, order.to, order.path) == (MailKind.INVITE, GUEST, f"/accept-invite#token={token}")
    assert (order.values["inviter"], order.values["workspace"], order.values["role"]) == ("Olga", "Studio", "viewer")


async def test_members_who_do_not_manage_others_invite_nobody_and_are_shown_no_addresses(house: House) -> None:
    studio = await house.studio(max=Role.MEMBER)
    max_ = await house.caller("max")
    invite = await house.invite(await house.caller("olga"), studio.id, GUEST, Role.VIEWER)
    for forbidden in (
        lambda: house.invite(max_, studio.id, "other@example.com", Role.VIEWER),
        lambda: house.revoke(max_, invite.id),
        lambda: house.resend(max_, invite.id),
    ):
        with pytest.raises(Forbidden):
            await forbidden()
    assert [view.email for view in (await house.list_invites(max_, studio.id, None, 10)).items] == [None]
    shown = await house.list_invites(await house.caller("olga"), studio.id, None, 10)
    assert [view.email for view in shown.items] == [GUEST]


async def test_only_owners_have_to_do_with_invites_of_owners(house: House) -> None:
    studio = await house.studio(ada=Role.ADMIN)
    ada, olga = await house.caller("ada"), await house.caller("olga")
    invite = await house.invite(olga, studio.id, GUEST, Role.OWNER)
    house.pass_time()
    for forbidden in (
        lambda: house.invite(ada, studio.id, "other@example.com", Role.OWNER),
        lambda: house.resend(ada, invite.id),
        lambda: house.revoke(ada, invite.id),
    ):
        with pytest.raises(Forbidden):
            await forbidden()
    await house.revoke(olga, invite.id)


async def test_nobody_is_invited_twice_or_who_belongs_there_already(house: House) -> None:
    studio = await house.studio(max=Role.MEMBER)
    olga = await house.caller("olga")
    await house.invite(olga, studio.id, GUEST, Role.VIEWER)
    with pytest.raises(AlreadyInvited):
        await house.invite(olga, studio.id, GUEST.upper(), Role.ADMIN)
    for email in ("max@example.com", "olga@example.com"):
        with pytest.raises(AlreadyMember):
            await house.invite(olga, studio.id, email, Role.ADMIN)


@pytest.mark.parametrize("email", ["", "nobody", "a b@example.com", "a@b@c", "a@example.com\r\nBcc: b@example.com"])
async def test_what_is_no_address_is_refused(house: House, email: str) -> None:
    studio = await house.studio()
    with pytest.raises(Invalid) as caught:
        await house.invite(await house.caller("olga"), studio.id, email, Role.VIEWER)
    assert [fault.pointer for fault in caught.value.faults] == ["/email"]


async def test_an_invite_whose_time_is_over_makes_room_for_another(house: House) -> None:
    studio = await house.studio()
    old = await house.invite(await house.caller("olga"), studio.id, GUEST, Role.VIEWER)
    late = house.token()
    house.pass_time(INVITE_LIFE)
    new = await house.invite(await house.caller("olga"), studio.id, GUEST, Role.VIEWER)
    events = [event for event in house.world.events(studio.id) if event.type == "invite.revoked"]
    assert [event.subject.id for event in events] == [old.id]
    shown = await house.list_invites(await house.caller("olga"), studio.id, None, 10)
    assert [view.id for view in shown.items] == [new.id]
    with pytest.raises(InviteExpired):
        await house.accept(await house.caller("guest"), late)


async def test_an_invite_is_for_the_address_it_was_sent_to_and_no_other(house: House) -> None:
    studio = await house.studio()
    await house.invite(await house.caller("olga"), studio.id, GUEST, Role.VIEWER)
    with pytest.raises(OtherEmail):
        await house.accept(await house.caller("eve"), house.token())
    nameless = User.new(None, "Nobody", house.world.clock.now())
    async with house.world.begin() as work:
        await work.users.add(nameless)
        await work.commit(None)
    house.users["nobody"] = nameless
    with pytest.raises(OtherEmail):
        await house.accept(await house.caller("nobody"), house.token())
    assert house.roles(studio.id) == {"olga": Role.OWNER}


async def test_an_invite_sent_again_has_one_link_that_works(house: House) -> None:
    studio, olga = await house.studio(), await house.caller("olga")
    invite = await house.invite(olga, studio.id, GUEST, Role.VIEWER)
    first = house.token()
    with pytest.raises(ResentTooSoon):
        await house.resend(olga, invite.id)
    house.pass_time(2 * INVITE_LIFE)
    again = await house.resend(olga, invite.id)
    assert again.expires_at == house.world.clock.now() + INVITE_LIFE
    with pytest.raises(InviteExpired):
        await house.accept(await house.caller("guest"), first)
    await house.accept(await house.caller("guest"), house.token())
    with pytest.raises(InviteExpired):
        await house.resend(olga, invite.id)


async def test_a_revoked_invite_opens_nothing(house: House) -> None:
    studio, olga = await house.studio(), await house.caller("olga")
    invite = await house.invite(olga, studio.id, GUEST, Role.VIEWER)
    await house.revoke(olga, invite.id)
    with pytest.raises(InviteExpired):
        await house.accept(await house.caller("guest"), house.token())
    with pytest.raises(InviteExpired):
        await house.look(house.token())
    with pytest.raises(InviteExpired):
        await house.revoke(olga, invite.id)


async def test_accepted_ten_times_at_once_an_invite_makes_one_member(house: House) -> None:
    studio = await house.studio()
    await house.invite(await house.caller("olga"), studio.id, GUEST, Role.VIEWER)
    guest, token = await house.caller("guest"), house.token()
    answers = await asyncio.gather(*(house.accept(guest, token) for _ in range(10)), return_exceptions=True)
    refusals = [type(answer) for answer in answers if isinstance(answer, Exception)]
    assert refusals == [InviteExpired] * 9
    assert house.roles(studio.id) == {"olga": Role.OWNER, "guest": Role.VIEWER}


async def test_an_invite_is_not_used_up_by_one_who_may_not_accept_it(house: House) -> None:
    studio = await house.studio()
    await house.invite(await house.caller("olga"), studio.id, GUEST, Role.VIEWER)
    guest, token = await house.caller("guest"), house.token()
    with pytest.raises(Forbidden):
        await house.accept(replace(guest, own=frozenset()), token)
    # Olga has taken the guest's address since she invited them.
    olga = await house.user("olga")
    users = house.world.store.users.rows
    users[guest.actor.id] = replace(users[guest.actor.id], email=None)
    users[olga.id] = replace(users[olga.id], email=GUEST)
    with pytest.raises(AlreadyMember):
        await house.accept(await house.caller("olga"), token)
    assert (await house.look(token)).email == GUEST


async def test_nobody_joins_a_suspended_workspace(house: House) -> None:
    studio = await house.studio()
    await house.invite(await house.caller("olga"), studio.id, GUEST, Role.VIEWER)
    rows = house.world.store.workspaces.rows
    rows[studio.id] = replace(rows[studio.id], suspended_at=house.world.clock.now())
    with pytest.raises(Forbidden, match="suspended"):
        await house.accept(await house.caller("guest"), house.token())
    rows[studio.id] = replace(rows[studio.id], suspended_at=None)
    assert (await house.accept(await house.caller("guest"), house.token())).id == studio.id


async def test_whoever_has_the_link_sees_what_it_is_to(house: House) -> None:
    studio = await house.studio()
    invite = await house.invite(await house.caller("olga"), studio.id, GUEST, Role.VIEWER)
    for registered in (False, True):
        seen = await house.look(house.token())
        assert (seen.workspace_name, seen.email, seen.role) == ("Studio", GUEST, Role.VIEWER)
        assert (seen.expires_at, seen.registered) == (invite.expires_at, registered)
        await house.user("guest")
    for wrong in ("nonsense", house.token()[:-1] + "!", f"{house.token()}x"):
        with pytest.raises(InviteExpired):
            await house.look(wrong)
    house.pass_time(INVITE_LIFE - timedelta(milliseconds=1))
    assert (await house.look(house.token())).email == GUEST
    house.pass_time(timedelta(milliseconds=1))
    with pytest.raises(InviteExpired):
        await house.look(house.token())


async def test_the_invites_of_a_workspace_go_with_it(house: House) -> None:
    studio, olga = await house.studio(), await house.caller("olga")
    invite = await house.invite(olga, studio.id, GUEST, Role.VIEWER)
    await house.delete(olga, studio.id, studio.handle)
    with pytest.raises(InviteExpired):
        await house.accept(await house.caller("guest"), house.token())
    with pytest.raises(NotFound):
        await house.revoke(olga, invite.id)


async def test_an_invite_that_never_was_cannot_be_looked_at(world: World) -> None:
    with pytest.raises(InviteExpired):
        await LookAtInvite(world.begin, world.clock)(InviteToken.new(InviteId(uuid4())).reveal())
