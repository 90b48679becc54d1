"""Whoever an issuer vouches for becomes one user, seen for the first time or again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.callers import MemoryCallers
from adapters.memory.token_verifier import MemoryTokenVerifier
from application.identity.identify_caller import IdentifyCaller
from application.identity.welcome_user import WelcomeUser
from domain.access import Caller
from domain.errors import Unauthenticated, Unavailable
from domain.identity import IdentityLink, SessionLife, User, VerifiedIdentity, issue_session
from domain.ids import UserId
from tests.application.late import Late
from tests.application.world import World

ISSUER = "https://issuer.example"


class Issuer:
    """An issuer outside, and how its tokens are taken here."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.verifier = MemoryTokenVerifier(world.clock)
        callers = MemoryCallers(world.store, world.clock, SessionLife())
        welcome = WelcomeUser(world.begin, self.verifier, callers, world.open_personal_workspace, world.clock)
        self.identify = IdentifyCaller(callers, self.verifier, welcome, sessions=True)

    def identity(self, subject: str = "s-1", **fields: Any) -> VerifiedIdentity:
        told: dict[str, Any] = {"email": "ada@example.com", "email_verified": True, "name": "Ada", **fields}
        later = self.world.clock.now() + timedelta(hours=1)
        return VerifiedIdentity(issuer=ISSUER, subject=subject, expires_at=later, **told)

    async def sign_in(self, subject: str = "s-1", **fields: Any) -> Caller:
        return await self.identify(self.verifier.issue(self.identity(subject, **fields)))

    @property
    def users(self) -> list[User]:
        return list(self.world.store.users.rows.values())


@pytest.fixture
def issuer(world: World) -> Issuer:
    return Issuer(world)


async def test_first_sight_makes_a_user_who_owns_a_personal_workspace(issuer: Issuer) -> None:
    caller = await issuer.sign_in()
    (user,) = issuer.users
    (workspace,) = issuer.world.store.workspaces.rows.values()
    assert (user.email, user.name, caller.actor) == ("ada@example.com", "Ada", user.actor)
    assert workspace.owner_id == user.id
    assert list(caller.grants) == [workspace.id]


async def test_the_next_token_is_the_same_users(issuer: Issuer) -> None:
    first = await issuer.sign_in()
    assert await issuer.sign_in(name="Another") == first
    assert len(issuer.users) == 1


async def test_ten_at_once_make_one_user_with_one_workspace(issuer: Issuer) -> None:
    callers = await asyncio.gather(*(issuer.sign_in() for _ in range(10)))
    assert len({caller.actor for caller in callers}) == len(issuer.users) == 1
    assert len(issuer.world.store.workspaces.rows) == 1


async def test_ten_identities_with_one_verified_email_make_one_user(issuer: Issuer) -> None:
    callers = await asyncio.gather(*(issuer.sign_in(f"s-{number}") for number in range(10)))
    assert len({caller.actor for caller in callers}) == len(issuer.users) == 1
    assert len(issuer.world.store.identities.rows) == 10


async def test_a_verified_email_leads_to_the_user_who_has_it(issuer: Issuer) -> None:
    owner, _ = await issuer.world.owner("ada@example.com")
    assert (await issuer.sign_in(email="Ada@Example.com".lower())).actor.id == owner.actor.id


async def test_an_email_that_nobody_has_verified_leads_to_nobody(issuer: Issuer) -> None:
    owner, _ = await issuer.world.owner("ada@example.com")
    caller = await issuer.sign_in(email_verified=False)
    assert caller.actor.id != owner.actor.id
    assert sorted(user.email or "" for user in issuer.users) == ["", "ada@example.com"]


async def test_what_a_token_does_not_tell_its_issuer_is_asked_for(issuer: Issuer) -> None:
    issuer.verifier.tell(issuer.identity(name="Ada L."))
    await issuer.sign_in(email=None, email_verified=False, name="")
    (user,) = issuer.users
    assert (user.email, user.name) == ("ada@example.com", "Ada L.")


async def test_an_identity_that_its_issuer_deleted_makes_nobody(issuer: Issuer) -> None:
    now = issuer.world.clock.now()
    async with issuer.world.begin() as work:
        gone = IdentityLink(issuer=ISSUER, subject="s-1", user_id=None, told_at=now, created_at=now)
        await work.identities.put(gone)
        await work.commit(None)
    with pytest.raises(Unauthenticated):
        await issuer.sign_in()
    assert issuer.users == []


async def test_tokens_of_ours_are_not_shown_to_an_issuer(issuer: Issuer) -> None:
    issuer.verifier.silent = True
    with pytest.raises(Unauthenticated):
        await issuer.identify("fd_key_nonsense")
    with pytest.raises(Unavailable):
        await issuer.sign_in()


async def test_a_token_that_is_over_opens_nothing(issuer: Issuer) -> None:
    token = issuer.verifier.issue(issuer.identity())
    await issuer.identify(token)
    issuer.world.clock.advance(timedelta(hours=1))
    with pytest.raises(Unauthenticated):
        await issuer.identify(token)


class Blind(MemoryCallers):
    """Knows no identity."""

    async def of_identity(self, identity: VerifiedIdentity) -> None:
        assert identity.issuer == ISSUER


def welcoming(issuer: Issuer, callers: MemoryCallers) -> WelcomeUser:
    world = issuer.world
    return WelcomeUser(world.begin, issuer.verifier, callers, world.open_personal_workspace, world.clock)


async def test_who_is_gone_again_before_they_are_in_opens_nothing(issuer: Issuer) -> None:
    world = issuer.world
    with pytest.raises(Unauthenticated):
        await welcoming(issuer, Blind(world.store, world.clock, SessionLife()))(issuer.identity())


async def test_an_identity_linked_meanwhile_is_that_user(issuer: Issuer) -> None:
    world = issuer.world
    caller = await issuer.sign_in()
    callers = MemoryCallers(world.store, world.clock, SessionLife())
    assert await welcoming(issuer, callers)(issuer.identity()) == caller


async def test_an_identity_that_ended_meanwhile_or_is_a_former_users_opens_nothing(issuer: Issuer) -> None:
    world, caller = issuer.world, await issuer.sign_in()
    callers = MemoryCallers(world.store, world.clock, SessionLife())
    user = world.store.users.rows[caller.actor.id]
    world.store.users.rows[user.id] = user.deleted(world.clock.now())
    with pytest.raises(Unauthenticated):
        await welcoming(issuer, callers)(issuer.identity())
    key = (ISSUER, "s-1")
    world.store.identities.rows[key] = replace(world.store.identities.rows[key], user_id=None)
    with pytest.raises(Unauthenticated):
        await welcoming(issuer, callers)(issuer.identity())


async def test_an_email_taken_at_the_same_time_is_looked_for_again(issuer: Issuer) -> None:
    world, known = issuer.world, await issuer.sign_in()
    late: Any = Late(world)
    callers = MemoryCallers(world.store, world.clock, SessionLife())
    welcome = WelcomeUser(late.begin, issuer.verifier, callers, world.open_personal_workspace, world.clock)
    assert (await welcome(issuer.identity("s-2"))).actor == known.actor
    assert late.looks == 2
    assert len(issuer.users) == 1


async def test_sessions_open_nothing_where_nobody_signs_in_with_a_password(issuer: Issuer) -> None:
    world = issuer.world
    caller = await issuer.sign_in()
    _, token = issue_session(UserId(caller.actor.id), "Firefox", world.clock.now(), SessionLife())
    with pytest.raises(Unauthenticated):
        await replace(issuer.identify, sessions=False)(token.reveal())
