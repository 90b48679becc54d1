import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.provider_events import MemoryProviderEvents
from application.identity.apply_provider_event import ApplyProviderEvent
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.actors import FORMER_MEMBER, SYSTEM
from domain.identity import (
    BadSignature,
    IdentityChanged,
    IdentityLink,
    KeyIssued,
    Login,
    ProviderDelivery,
    ProviderOutcome,
    User,
    issue_key,
)
from tests.application.late import Late
from tests.application.world import World

ISSUER = "https://clerk.example.com"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
APPLIED, REPEATED, STALE = ProviderOutcome.APPLIED, ProviderOutcome.REPEATED, ProviderOutcome.STALE


def said(at: int, email: str | None = "ann@example.com", name: str = "Ann", subject: str = "ann") -> IdentityChanged:
    return IdentityChanged(
        issuer=ISSUER,
        subject=subject,
        at=EPOCH + timedelta(seconds=at),
        email=email,
        email_verified=email is not None,
        name=name,
    )


def gone(at: int, subject: str = "ann") -> IdentityChanged:
    return IdentityChanged(issuer=ISSUER, subject=subject, at=EPOCH + timedelta(seconds=at), deleted=True)


class Provider:
    """The issuer, whose messages are applied in a world of its own."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.events = MemoryProviderEvents()
        opened = OpenPersonalWorkspace(begin=self.world.begin, views=self.world.workspaces, clock=self.world.clock)
        self.apply = ApplyProviderEvent(
            events=self.events, begin=self.world.begin, open_personal_workspace=opened, clock=self.world.clock
        )

    async def tell(self, change: IdentityChanged | None, identifier: str) -> ProviderOutcome:
        return await self.apply(*self.events.announce(ProviderDelivery(id=identifier, change=change)))

    async def tell_all(self, *changes: IdentityChanged) -> list[ProviderOutcome]:
        return [await self.tell(change, f"msg_{number}") for number, change in enumerate(changes)]

    def link(self, subject: str = "ann") -> IdentityLink | None:
        return self.world.store.identities.rows.get((ISSUER, subject))

    def user(self, subject: str = "ann") -> User | None:
        link = self.link(subject)
        return self.world.store.users.rows[link.user_id] if link and link.user_id else None

    @property
    def state(self) -> Sequence[object]:
        """All that can be seen of what was told: each identity, and its user."""
        links = sorted(self.world.store.identities.rows.values(), key=lambda link: link.subject)
        users = [self.user(link.subject) for link in links]
        return [
            (link.subject, link.told_at, user and (user.email, user.name, user.active))
            for link, user in zip(links, users, strict=True)
        ]


@pytest.fixture
def provider() -> Provider:
    return Provider()


async def test_a_new_identity_becomes_a_user_with_a_workspace(provider: Provider) -> None:
    assert await provider.tell(said(1), "msg_1") is APPLIED

    user = provider.user()
    assert user is not None
    assert (user.email, user.name, user.active) == ("ann@example.com", "Ann", True)
    assert await provider.world.workspaces.personal_of(user.id)


async def test_an_identity_without_a_verified_email_becomes_a_user_without_one(provider: Provider) -> None:
    await provider.tell(replace(said(1), email_verified=False), "msg_1")

    user = provider.user()
    assert user is not None
    assert user.email is None


async def test_it_becomes_the_user_who_has_its_verified_email(provider: Provider) -> None:
    owner, workspace = await provider.world.ensure_owner("ann@example.com", "Ann")
    await provider.tell(said(1), "msg_1")

    user = provider.user()
    assert user is not None
    assert (user.id, user.name) == (owner.actor.id, "Ann")
    assert list(provider.world.store.workspaces.rows) == [workspace.id]


async def test_an_email_that_is_not_verified_makes_nobody_the_user_who_has_it(provider: Provider) -> None:
    owner, _ = await provider.world.ensure_owner("ann@example.com", "Ann")
    await provider.tell(replace(said(1), email_verified=False), "msg_1")

    user = provider.user()
    assert user is not None
    assert user.id != owner.actor.id


async def test_a_user_gets_the_name_and_the_email_that_are_told(provider: Provider) -> None:
    assert await provider.tell_all(said(1), said(2, "ann@new.example", "Ann Lee")) == [APPLIED, APPLIED]

    user = provider.user()
    assert user is not None
    assert (user.email, user.name) == ("ann@new.example", "Ann Lee")
    workspace = await provider.world.workspaces.personal_of(user.id)
    assert workspace is not None
    edited = [event for event in provider.world.events(workspace.id) if event.type == "user.edited"]
    assert [(event.actor.id, event.data["fields"]) for event in edited] == [(SYSTEM.id, ["email", "name"])]


async def test_what_changes_nothing_is_no_event(provider: Provider) -> None:
    await provider.tell_all(said(1), said(2))

    user = provider.user()
    assert user is not None
    assert user.version == 1


async def test_the_email_of_another_is_nobody_elses(provider: Provider) -> None:
    await provider.tell_all(said(1), said(2, "bob@example.com", "Bob", "bob"), said(3, "bob@example.com"))

    ann, bob = provider.user("ann"), provider.user("bob")
    assert ann is not None
    assert bob is not None
    assert (ann.email, bob.email) == (None, "bob@example.com")


async def test_a_message_that_comes_again_has_no_second_effect(provider: Provider) -> None:
    assert [await provider.tell(said(1), "msg_1"), await provider.tell(said(9, None, "X"), "msg_1")] == [
        APPLIED,
        REPEATED,
    ]
    user = provider.user()
    assert user is not None
    assert user.name == "Ann"


async def test_an_older_message_after_a_newer_changes_nothing(provider: Provider) -> None:
    assert await provider.tell_all(said(5), said(4, name="Old"), said(5, name="Same"), gone(3)) == [
        APPLIED,
        STALE,
        STALE,
        STALE,
    ]
    user = provider.user()
    assert user is not None
    assert user.name == "Ann"


async def test_what_concerns_nobody_is_ignored(provider: Provider) -> None:
    assert await provider.tell(None, "msg_1") is ProviderOutcome.IGNORED
    assert await provider.tell(None, "msg_1") is ProviderOutcome.IGNORED


async def test_what_is_not_signed_is_refused(provider: Provider) -> None:
    with pytest.raises(BadSignature):
        await provider.apply({}, b"")


async def test_with_its_identity_the_user_goes_and_what_they_opened(provider: Provider) -> None:
    await provider.tell(said(1), "msg_1")
    user = provider.user()
    assert user is not None
    workspace = await provider.world.workspaces.personal_of(user.id)
    assert workspace is not None
    async with provider.world.begin() as work:
        now = provider.world.clock.now()
        credential, _ = issue_key(user, workspace.id, "robot", now)
        await work.credentials.add(credential, because=KeyIssued.of(credential, workspace.id, by=user.actor, at=now))
        await work.commit(None)

    assert await provider.tell(gone(2), "msg_2") is APPLIED
    left = provider.world.store.users.rows[user.id]
    assert (left.email, left.name, left.active) == (None, FORMER_MEMBER, False)
    assert credential.id not in provider.world.store.credentials.rows
    assert workspace.id not in provider.world.store.workspaces.rows
    assert provider.link() == IdentityLink(
        issuer=ISSUER,
        subject="ann",
        user_id=None,
        told_at=gone(2).at,
        created_at=provider.world.clock.now(),
    )
    types = [event.type for event in provider.world.events(workspace.id)]
    assert types[-1] == "user.deleted"


async def test_the_end_of_somebody_unknown_is_remembered(provider: Provider) -> None:
    assert await provider.tell_all(gone(5), said(4)) == [APPLIED, STALE]
    assert provider.user() is None
    assert len(provider.world.store.users.rows) == 0


async def test_a_user_with_another_identity_stays(provider: Provider) -> None:
    await provider.tell_all(said(1), said(2, subject="ann at work"), gone(3))

    user = provider.user("ann at work")
    assert user is not None
    assert user.active
    assert provider.user("ann") is None


async def test_who_has_a_password_says_by_themselves_who_they_are_and_stays(provider: Provider) -> None:
    await provider.tell(said(1), "first")
    user = provider.user()
    assert user is not None
    async with provider.world.begin() as work:
        await work.logins.put(Login(user_id=user.id, password_hash="hashed", changed_at=EPOCH))
        await work.commit(None)

    assert await provider.tell_all(said(2, "ann@new.example", "Ann Lee"), gone(3)) == [APPLIED, APPLIED]
    left = provider.world.store.users.rows[user.id]
    assert (left.email, left.name, left.active) == ("ann@example.com", "Ann", True)
    assert provider.user() is None


async def test_who_has_left_us_is_not_brought_back(provider: Provider) -> None:
    await provider.tell(said(1), "msg_1")
    user = provider.user()
    assert user is not None
    async with provider.world.begin() as work:
        await work.identities.put(IdentityLink(issuer=ISSUER, subject="bob", user_id=user.id, created_at=EPOCH))
        await work.commit(None)
    provider.world.store.users.rows[user.id] = user.deleted(provider.world.clock.now())

    assert await provider.tell(said(2), "msg_2") is APPLIED
    assert await provider.tell(gone(3), "msg_3") is APPLIED
    assert provider.world.store.users.rows[user.id].email is None


async def test_ten_at_once_make_one_user(provider: Provider) -> None:
    outcomes = await asyncio.gather(*(provider.tell(said(1), f"msg_{number}") for number in range(10)))

    assert sorted(outcomes) == [APPLIED, *[STALE] * 9]
    assert len(provider.world.store.users.rows) == len(provider.world.store.workspaces.rows) == 1


async def test_two_identities_of_one_email_at_once_are_one_user(provider: Provider) -> None:
    told = [provider.tell(said(1, subject=subject), subject) for subject in ("ann", "ann at work", "ann at home")]

    assert await asyncio.gather(*told) == [APPLIED] * 3
    assert len(provider.world.store.users.rows) == len(provider.world.store.workspaces.rows) == 1


async def test_a_user_whose_workspace_is_missing_gets_it_and_the_change(provider: Provider) -> None:
    user = User.new("ann@example.com", "Ann", EPOCH)
    async with provider.world.begin() as work:
        await work.users.add(user)
        await work.identities.put(IdentityLink(issuer=ISSUER, subject="ann", user_id=user.id, created_at=EPOCH))
        await work.commit(None)

    assert await provider.tell(said(1, name="Ann Lee"), "msg_1") is APPLIED
    assert provider.world.store.users.rows[user.id].name == "Ann Lee"
    assert await provider.world.workspaces.personal_of(user.id)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[IdentityChanged], list[int]]:
    """What an issuer tells of two people, each time of its own once, and the deliveries of it: all, some more often."""
    times = draw(st.lists(st.integers(0, 50), min_size=1, max_size=8, unique=True))
    names = ("", "Ann", "Lee")
    told = [
        gone(at, subject)
        if draw(st.integers(0, 4)) == 0
        else said(
            at, draw(st.sampled_from([None, f"{subject}@a.example", f"{subject}@b.example"])), names[at % 3], subject
        )
        for at in sorted(times)
        for subject in [draw(st.sampled_from(["ann", "bob"]))]
    ]
    numbers = list(range(len(told)))
    repeats = draw(st.lists(st.sampled_from(numbers), max_size=8))
    return told, draw(st.permutations(numbers + repeats))


@given(histories())
def test_deliveries_in_any_order_and_number_end_in_the_same_state_as_in_order(
    history: tuple[list[IdentityChanged], list[int]],
) -> None:
    told, deliveries = history

    async def both() -> tuple[Sequence[object], Sequence[object]]:
        in_order, as_delivered = Provider(), Provider()
        await in_order.tell_all(*told)
        for number in deliveries:
            await as_delivered.tell(told[number], f"msg_{number}")
        # Svix resends a message under its id; whoever replays it from the dashboard gives it another.
        for number in deliveries:
            await as_delivered.tell(told[number], f"replay_{number}")
        return in_order.state, as_delivered.state

    expected, found = asyncio.run(both())
    assert found == expected


async def test_an_email_taken_at_the_same_time_is_looked_for_again() -> None:
    provider = Provider()
    world = provider.world
    await world.owner("ann@example.com")
    late: Any = Late(world)
    provider.apply = replace(provider.apply, begin=late.begin)
    assert await provider.tell(said(1), "m-1") is APPLIED
    assert late.looks == 2
    assert len(world.store.users.rows) == 1
