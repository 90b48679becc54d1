"""Whoever an issuer vouches for becomes one user, seen for the first time or again."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.callers import MemoryCallers
from adapters.memory.token_verifier import MemoryTokenVerifier
from application.identity.identify_caller import IdentifyCaller
from application.identity.welcome_user import WelcomeUser
from domain.access import Caller
from domain.errors import Unauthenticated, Unavailable
from domain.identity import IdentityLink, SessionLife, User, VerifiedIdentity
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
