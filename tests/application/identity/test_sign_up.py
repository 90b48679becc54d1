import asyncio
from datetime import timedelta

import pytest

from adapters.memory.secret_box import MemorySecretBox
from application.identity.open_session import SignedIn
from domain.access import Permission
from domain.errors import Forbidden, Invalid, Unauthenticated
from domain.identity import LinkExpired, SignUp, SignUpByInvite, SignUpClosed
from domain.mail import MailKind
from tests.application.identity.front_door import EMAIL, PASSWORD, FrontDoor, secret_in

LIFE = timedelta(hours=48)


async def test_whoever_opens_the_mailed_link_is_a_user_with_a_session_and_a_workspace(door: FrontDoor) -> None:
    begun = await door.signs_up("Ada@Example.com")
    (letter,) = await door.letters()
    assert (begun.email, letter.to, letter.kind) == (EMAIL, EMAIL, MailKind.VERIFY)
    assert not door.world.store.users.rows

    signed_in = await door.verify_email(secret_in(letter), None, "Firefox")

    assert (signed_in.user.email, signed_in.user.name) == (EMAIL, "Ada")
    caller = await door.caller(signed_in)
    (workspace_id,) = caller.grants
    caller.must(Permission.WORKSPACE_WRITE, workspace_id)
    assert [event.type for event in door.world.events(workspace_id)] == ["workspace.created", "session.started"]


async def test_a_new_user_signs_in_with_the_password_they_chose(door: FrontDoor) -> None:
    await door.verified()
    assert (await door.caller(await door.signs_in())).actor.name == "Ada"


async def test_a_user_who_signs_up_again_is_told_by_mail_and_by_nothing_else(door: FrontDoor) -> None:
    await door.verified()
    begun = await door.signs_up(password="an intruder's password")
    (letter,) = await door.letters()

    assert (begun.email, letter.to, letter.kind, secret_in(letter)) == (EMAIL, EMAIL, MailKind.ALREADY_REGISTERED, "")
    assert not door.world.store.one_time_tokens.rows
    await door.signs_in()


async def test_a_link_opens_once_and_not_after_48_hours(door: FrontDoor) -> None:
    await door.signs_up()
    (letter,) = await door.letters()
    door.world.clock.advance(LIFE - timedelta(seconds=1))
    await door.verify_email(secret_in(letter), None, "")
    with pytest.raises(LinkExpired):
        await door.verify_email(secret_in(letter), None, "")

    await door.signs_up("eve@example.com")
    (letter,) = await door.letters()
    door.world.clock.advance(LIFE)
    with pytest.raises(LinkExpired):
        await door.verify_email(secret_in(letter), None, "")
    assert [user.email for user in door.world.store.users.rows.values()] == [EMAIL]


async def test_of_twenty_who_open_a_link_at_once_one_signs_in(door: FrontDoor) -> None:
    await door.signs_up()
    (letter,) = await door.letters()
    tries = [door.verify_email(secret_in(letter), None, "") for _ in range(20)]
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, SignedIn) for each in ended) == 1
    assert sum(isinstance(each, LinkExpired) for each in ended) == 19


async def test_the_first_of_two_links_to_an_address_kills_the_other(door: FrontDoor) -> None:
    await door.signs_up(password="the first long password")
    await door.signs_up(password="the second long password")
    first, second = await door.letters()
    await door.verify_email(secret_in(second), None, "")
    with pytest.raises(LinkExpired):
        await door.verify_email(secret_in(first), None, "")
    with pytest.raises(Unauthenticated):
        await door.signs_in("the first long password")
    await door.signs_in("the second long password")


async def test_of_two_links_to_an_address_opened_at_once_one_makes_the_user(door: FrontDoor) -> None:
    await door.signs_up()
    await door.signs_up()
    tries = [door.verify_email(secret_in(letter), None, "") for letter in await door.letters()]
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(each).__name__ for each in ended) == ["LinkExpired", "SignedIn"]


async def test_a_job_that_comes_after_its_link_died_sends_nothing(door: FrontDoor) -> None:
    await door.signs_up()
    door.world.store.one_time_tokens.rows.clear()
    assert await door.letters() == []


async def test_links_sealed_with_a_lost_secret_key_are_dead(door: FrontDoor) -> None:
    await door.signs_up()
    (letter,) = await door.letters()
    door.world.secret_box = MemorySecretBox()
    with pytest.raises(LinkExpired):
        await door.verify_email(secret_in(letter), None, "")


async def test_what_is_stored_of_somebody_who_signs_up_shows_neither_password_nor_token(door: FrontDoor) -> None:
    await door.signs_up()
    stored = [*door.world.store.jobs.rows.values(), *door.world.store.one_time_tokens.rows.values()]
    (letter,) = await door.letters()
    seen = " ".join(f"{row} {getattr(row, 'sealed', b'')!r} {getattr(row, 'payload', '')}" for row in stored)
    assert PASSWORD not in seen
    assert secret_in(letter) not in seen
    assert "memory$1" not in seen


@pytest.mark.parametrize(
    ("email", "password", "name", "pointer", "code"),
    [
        ("nobody", PASSWORD, "Ada", "/email", "bad_email"),
        ("a\x00@b.c", PASSWORD, "Ada", "/email", "bad_email"),
        ("", PASSWORD, "Ada", "/email", "bad_email"),
        (EMAIL, "short", "Ada", "/password", "too_short"),
        (EMAIL, "x" * 3_000, "Ada", "/password", "too_long"),
        (EMAIL, EMAIL, "Ada", "/password", "common_password"),
        (EMAIL, PASSWORD, "  ", "/name", "too_short"),
        (EMAIL, PASSWORD, "x" * 201, "/name", "too_long"),
    ],
)
async def test_what_cannot_be_taken_is_named_and_costs_no_hash(
    door: FrontDoor, email: str, password: str, name: str, pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await door.signs_up(email, password, name)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]
    assert door.hasher.done == 0


@pytest.mark.parametrize(("policy", "error"), [(SignUp.INVITE, SignUpByInvite), (SignUp.CLOSED, SignUpClosed)])
async def test_where_not_everybody_may_sign_up_it_is_said_so(
    door: FrontDoor, policy: SignUp, error: type[Forbidden]
) -> None:
    door.policy = policy
    with pytest.raises(error):
        await door.signs_up()
    assert (door.hasher.done, await door.letters()) == (0, [])
