import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.identity.open_session import SignedIn
from application.ports.rate_limiter import Rate
from domain.access import ACCOUNT, Caller
from domain.actors import ActorType
from domain.errors import Forbidden, Invalid, Limited, NotFound, Unauthenticated
from domain.identity import BadCode, BadCredentials, CodeRequired, LinkExpired, User
from domain.ids import UserId
from domain.mail import MailKind
from tests.application.identity.front_door import EMAIL, NEW, PASSWORD, STEP, FrontDoor, secret_in


async def test_a_changed_password_ends_the_other_sessions_and_kills_mailed_links(door: FrontDoor) -> None:
    other, mine = await door.verified(), await door.signs_in()
    secret, caller = await door.asks_for_recovery(), await door.caller(mine)

    await door.change_password(caller, PASSWORD, NEW)

    assert (await door.caller(mine)).grants
    with pytest.raises(Unauthenticated):
        await door.caller(other)
    with pytest.raises(LinkExpired):
        await door.resets(secret)
    with pytest.raises(BadCredentials):
        await door.signs_in()
    await door.signs_in(NEW)
    assert door.happened("password.changed") == 1


@pytest.mark.parametrize("current", ["not their password", "", None])
async def test_whoever_does_not_know_the_password_does_not_change_it(door: FrontDoor, current: str | None) -> None:
    caller = await door.caller(await door.verified())
    with pytest.raises(Invalid) as refused:
        await door.change_password(caller, current, NEW)
    assert [fault.code for fault in refused.value.faults] == ["wrong_password"]
    await door.signs_in()


async def test_a_new_password_is_checked_as_any(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    with pytest.raises(Invalid) as refused:
        await door.change_password(caller, PASSWORD, "short")
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/new", "too_short")]


async def test_who_has_no_password_yet_sets_one_without(door: FrontDoor) -> None:
    owner, _ = await door.world.ensure_owner(EMAIL, "Ada")
    caller = replace(owner, own=ACCOUNT)
    with pytest.raises(Invalid):
        await door.change_password(caller, "some password", NEW)
    await door.change_password(caller, None, NEW)
    await door.signs_in(NEW)


async def test_a_user_of_an_issuer_who_told_no_address_may_have_a_password(door: FrontDoor) -> None:
    user = User.new(None, "Ada", door.world.clock.now())
    async with door.world.begin() as work:
        await work.users.add(user)
        await work.commit(None)
    caller = Caller(actor=user.actor, own=ACCOUNT)
    await door.change_password(caller, None, NEW)
    with pytest.raises(Invalid):
        await door.change_password(caller, None, PASSWORD)


async def test_a_password_is_changed_by_its_user_alone(door: FrontDoor) -> None:
    visit = await door.world.visit()
    with pytest.raises(NotFound):
        await door.change_password(visit.caller, None, NEW)
    with pytest.raises(Forbidden):  # with a key that does not open the account
        await door.change_password(door.world.stranger(), None, NEW)


async def test_guesses_at_the_present_password_are_limited(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    door.rate = Rate(2, 60)
    for _ in range(2):
        with pytest.raises(Invalid):
            await door.change_password(caller, "a guess", NEW)
    before = door.hasher.done
    with pytest.raises(Limited):
        await door.change_password(caller, PASSWORD, NEW)
    assert door.hasher.done == before


async def test_a_user_who_forgot_their_password_sets_another_by_mail(door: FrontDoor) -> None:
    before = await door.verified()
    await door.forgot_password("ADA@example.com", None)
    (letter,) = await door.letters()
    assert (letter.to, letter.kind) == (EMAIL, MailKind.RECOVER)

    signed_in = await door.resets(secret_in(letter), NEW)

    assert (await door.caller(signed_in)).actor.name == "Ada"
    with pytest.raises(Unauthenticated):
        await door.caller(before)
    await door.signs_in(NEW)
    assert door.happened("password.reset") == 1


async def test_nobody_else_gets_a_letter(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    for email in ("eve@example.com", "", "no address", "x" * 10_000, "\x00"):
        await door.forgot_password(email, None)
    users = door.world.store.users.rows
    users[caller.actor.id] = replace(users[UserId(caller.actor.id)], deactivated_at=door.world.clock.now())
    await door.forgot_password(EMAIL, None)
    assert await door.letters() == []
    assert not door.world.store.one_time_tokens.rows


async def test_the_request_stores_one_job_that_does_not_show_the_address(door: FrontDoor) -> None:
    await door.forgot_password(EMAIL, None)
    (job,) = door.world.store.jobs.rows.values()
    assert EMAIL not in f"{job}"
    assert not door.world.store.one_time_tokens.rows


async def test_a_recovery_link_opens_once_and_not_after_48_hours(door: FrontDoor) -> None:
    await door.verified()
    secret = await door.asks_for_recovery()
    door.world.clock.advance(timedelta(hours=48) - timedelta(seconds=1))
    await door.resets(secret)
    with pytest.raises(LinkExpired):
        await door.resets(secret)
    secret = await door.asks_for_recovery()
    door.world.clock.advance(timedelta(hours=48))
    with pytest.raises(LinkExpired):
        await door.resets(secret)


async def test_of_twenty_who_use_a_recovery_link_at_once_one_does(door: FrontDoor) -> None:
    await door.verified()
    secret = await door.asks_for_recovery()
    ended = await asyncio.gather(*(door.resets(secret) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(each, SignedIn) for each in ended) == 1
    assert sum(isinstance(each, LinkExpired) for each in ended) == 19


async def test_a_link_to_verify_recovers_nothing_and_the_other_way_round(door: FrontDoor) -> None:
    await door.signs_up()
    (letter,) = await door.letters()
    with pytest.raises(LinkExpired):
        await door.resets(secret_in(letter))
    await door.verify_email(secret_in(letter), None, "")
    with pytest.raises(LinkExpired):
        await door.verify_email(await door.asks_for_recovery(), None, "")


async def test_a_password_that_is_not_taken_leaves_the_link_good(door: FrontDoor) -> None:
    await door.verified()
    secret = await door.asks_for_recovery()
    with pytest.raises(Invalid):
        await door.resets(secret, "short")
    await door.resets(secret, NEW)


async def test_an_unknown_link_costs_no_hash(door: FrontDoor) -> None:
    await door.verified()
    before = door.hasher.done
    for secret in ("", "none", "x" * 10_000, "\ud800"):
        with pytest.raises(LinkExpired):
            await door.resets(secret)
    assert door.hasher.done == before


@pytest.mark.parametrize("changes", [{"email": "new@example.com"}, {"deactivated_at": True}])
async def test_a_link_to_a_former_address_or_a_former_user_is_dead(door: FrontDoor, changes: dict[str, object]) -> None:
    caller = await door.caller(await door.verified())
    secret, users = await door.asks_for_recovery(), door.world.store.users.rows
    given = {"deactivated_at": door.world.clock.now()} if "deactivated_at" in changes else {"email": "new@example.com"}
    users[caller.actor.id] = replace(users[UserId(caller.actor.id)], **given)
    with pytest.raises(LinkExpired):
        await door.resets(secret)


async def test_a_mailbox_alone_does_not_get_past_the_second_factor(door: FrontDoor) -> None:
    _, app, _ = await door.with_second_factor()
    secret = await door.asks_for_recovery()
    with pytest.raises(CodeRequired):
        await door.resets(secret)
    with pytest.raises(BadCode):
        await door.resets(secret, code="000000")
    door.world.clock.advance(STEP)
    await door.resets(secret, NEW, code=door.code(app))
    with pytest.raises(CodeRequired):
        await door.signs_in(NEW)


async def test_the_console_gives_a_link_and_kills_those_before(door: FrontDoor) -> None:
    await door.world.ensure_owner(EMAIL, "Ada")
    links = [await door.give_recovery_link(EMAIL.upper()) for _ in range(2)]
    first, second = [(link or "").removeprefix("/reset-password#token=") for link in links]
    with pytest.raises(LinkExpired):
        await door.resets(first)
    await door.resets(second, NEW)
    assert door.happened("recovery_link.issued") == 2
    assert await door.give_recovery_link(EMAIL, unless_set=True) is None
    assert await door.give_recovery_link(EMAIL)
    with pytest.raises(NotFound):
        await door.give_recovery_link("nobody@example.com")


async def test_the_console_takes_the_second_factor_of_one_who_has_lost_it_which_is_told_once(door: FrontDoor) -> None:
    caller, _, _ = await door.with_second_factor()
    asks = await door.give_recovery_link(EMAIL)
    with pytest.raises(CodeRequired):
        await door.resets(secret_in_path(asks))
    links = [await door.give_recovery_link(EMAIL, remove_second_factor=True) for _ in range(2)]
    login = door.login(caller)
    assert (login.has_second_factor, login.totp_secret, login.recovery_codes) == (False, None, ())
    await door.resets(secret_in_path(links[-1]), NEW)
    await door.signs_in(NEW)
    told = [row for rows in door.world.store.activity.values() for row in rows if row.type == "second_factor.removed"]
    assert [row.actor.type for row in told] == [ActorType.SYSTEM]


def secret_in_path(path: str | None) -> str:
    return (path or "").removeprefix("/reset-password#token=")
