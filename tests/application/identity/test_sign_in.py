from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.memory.password_hasher import MemoryPasswordHasher
from application.identity.sign_in import SignIn
from application.ports.rate_limiter import Rate
from domain.access import Caller
from domain.errors import Limited, Unauthenticated
from domain.identity import BadCredentials, SessionLife
from domain.ids import UserId
from tests.application.identity.front_door import EMAIL, PASSWORD, FrontDoor

WRONG = "not their password"


async def test_a_session_opens_what_its_user_may_do_and_tells_of_itself(door: FrontDoor) -> None:
    first = await door.caller(await door.verified())
    signed_in = await door.signs_in(email=" ADA@example.com ")
    caller = await door.caller(signed_in)
    assert (caller.actor, caller.grants) == (first.actor, first.grants)
    assert signed_in.expires_at == door.world.clock.now() + timedelta(days=14)
    (home,) = caller.grants
    (*_, event) = door.world.events(home)
    assert (event.type, event.subject.id, event.actor) == ("session.started", caller.credential_id, caller.actor)


async def wrong(door: FrontDoor, password: str = WRONG, email: str = EMAIL) -> int:
    """How many hashes it takes to refuse this."""
    before = door.hasher.done
    with pytest.raises(BadCredentials):
        await door.signs_in(password, email=email)
    return door.hasher.done - before


async def test_a_wrong_password_costs_one_hash_whoever_it_is_for(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    await door.world.ensure_owner("never@example.com", "Has no password")
    assert [await wrong(door, email=email) for email in (EMAIL, "nobody@example.com", "never@example.com")] == [1] * 3
    assert [await wrong(door, email=email) for email in ("", "no address", "\x00@x.y", "x" * 5_000)] == [1] * 4
    deactivate(door, caller)
    assert await wrong(door, PASSWORD) == 1


def deactivate(door: FrontDoor, caller: Caller) -> None:
    users = door.world.store.users.rows
    users[caller.actor.id] = replace(users[UserId(caller.actor.id)], deactivated_at=door.world.clock.now())


@pytest.mark.parametrize("password", ["", "x" * 100_000, PASSWORD + "\x00", PASSWORD + "\ud800", PASSWORD * 50])
async def test_strange_passwords_are_wrong_ones(door: FrontDoor, password: str) -> None:
    await door.verified()
    assert await wrong(door, password) == 1


async def test_the_same_password_from_another_keyboard_is_taken(door: FrontDoor) -> None:
    await door.verified(password="pässword with ümlauts")
    await door.signs_in("pa\u0308ssword\u00a0with u\u0308mlauts")


class ChangingHasher(MemoryPasswordHasher):
    """Somebody changes the world while a password is compared."""

    def __init__(self, change: object) -> None:
        super().__init__()
        self.change = change

    @override
    async def verify(self, password: str, stored: str | None) -> bool:
        right = await super().verify(password, stored)
        if callable(self.change):
            self.change()
        return right


def with_hasher(door: FrontDoor, hasher: MemoryPasswordHasher) -> SignIn:
    door.hasher = hasher
    return door.sign_in


async def test_what_changes_while_a_password_is_compared_counts(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    logins, user_id = door.world.store.logins.rows, UserId(caller.actor.id)

    def change() -> None:
        logins[user_id] = logins[user_id].with_password("another", door.world.clock.now())

    kept = logins[user_id]
    with_hasher(door, ChangingHasher(change))
    with pytest.raises(BadCredentials):
        await door.signs_in()
    logins[user_id] = kept
    with_hasher(door, ChangingHasher(lambda: deactivate(door, caller)))
    with pytest.raises(BadCredentials):
        await door.signs_in()


class NewerHasher(MemoryPasswordHasher):
    """Hashes as it is done today, which is not how it was done."""

    def __init__(self, old: str) -> None:
        super().__init__()
        self.old = old

    @override
    def needs_rehash(self, stored: str) -> bool:
        return stored == self.old


async def test_a_password_that_was_hashed_in_former_ways_is_hashed_anew_once(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    old = door.login(caller)
    door.hasher = NewerHasher(old.password_hash or "")
    await door.signs_in()
    new = door.login(caller)
    assert new.password_hash != old.password_hash
    assert new.changed_at == old.changed_at
    before = door.hasher.done
    await door.signs_in()
    assert (door.login(caller), door.hasher.done - before) == (new, 1)


async def test_a_session_that_is_not_used_ends(door: FrontDoor) -> None:
    door.life = SessionLife(idle=timedelta(days=14), most=timedelta(days=90))
    session = await door.verified()
    door.world.clock.advance(timedelta(days=14) - timedelta(seconds=1))
    await door.caller(session)
    door.world.clock.advance(timedelta(days=14) - timedelta(seconds=1))
    await door.caller(session)
    door.world.clock.advance(timedelta(days=14))
    with pytest.raises(Unauthenticated):
        await door.caller(session)


async def test_a_session_ends_in_any_case(door: FrontDoor) -> None:
    session = await door.verified()
    for _ in range(9):
        door.world.clock.advance(timedelta(days=10) - timedelta(seconds=1))
        await door.caller(session)
    door.world.clock.advance(timedelta(seconds=9))
    with pytest.raises(Unauthenticated):
        await door.caller(session)


async def test_tries_are_limited_by_account_before_any_hash(door: FrontDoor) -> None:
    door.rate = Rate(3, 60)
    await door.verified()
    door.limiter = type(door.limiter)()
    for number in range(3):
        with pytest.raises(BadCredentials):
            await door.signs_in("not their password", address=f"192.0.2.{number}")
    before = door.hasher.done
    with pytest.raises(Limited) as limited:
        await door.signs_in(address="192.0.2.9")
    assert 1 <= limited.value.retry_after <= 60
    assert door.hasher.done == before
    with pytest.raises(BadCredentials):
        await door.signs_in(email="eve@example.com", address="192.0.2.9")


async def test_tries_are_limited_by_address_and_success_gives_none_back(door: FrontDoor) -> None:
    await door.verified()
    door.rate = Rate(3, 60)
    await door.signs_in(address="192.0.2.1")
    for number in range(2):
        with pytest.raises(BadCredentials):
            await door.signs_in(email=f"guess-{number}@example.com", address="192.0.2.1")
    for email in (EMAIL, "other@example.com"):
        with pytest.raises(Limited):
            await door.signs_in(email=email, address="192.0.2.1")
    await door.signs_in(address="192.0.2.2")


async def test_what_an_address_may_not_try_is_not_counted_against_the_account(door: FrontDoor) -> None:
    await door.verified()
    door.rate = Rate(3, 60)
    for number in range(3):
        with pytest.raises(BadCredentials):
            await door.signs_in(email=f"guess-{number}@example.com", address="192.0.2.1")
    for _ in range(5):
        with pytest.raises(Limited):
            await door.signs_in("a guess", address="192.0.2.1")
    await door.signs_in(address="192.0.2.2")
