"""What every token verifier promises. A test class per adapter inherits the contract and overrides its fixtures."""

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from adapters.memory.clock import MemoryClock
from application.ports.token_verifier import TokenVerifier
from domain.errors import Unauthenticated, Unavailable
from domain.identity import VerifiedIdentity


class Issuing(Protocol):
    """Issues tokens that the verifier takes."""

    def __call__(
        self,
        subject: str = "ann",
        *,
        email: str | None = "ann@example.com",
        email_verified: bool = True,
        name: str = "Ann",
        lifetime: timedelta = timedelta(minutes=1),
    ) -> str: ...


class TokenVerifierContract:
    issuer: str
    leeway = timedelta(0)

    @pytest.fixture
    @abstractmethod
    def clock(self) -> MemoryClock:
        raise NotImplementedError

    @pytest.fixture
    @abstractmethod
    def verifier(self, clock: MemoryClock) -> TokenVerifier:
        raise NotImplementedError

    @pytest.fixture
    @abstractmethod
    def issue(self, verifier: TokenVerifier, clock: MemoryClock) -> Issuing:
        raise NotImplementedError

    @pytest.fixture
    @abstractmethod
    def unreachable(self, clock: MemoryClock) -> TokenVerifier:
        """One that has never reached its issuer, and cannot now."""
        raise NotImplementedError

    async def test_a_token_tells_who_it_was_issued_to_and_until_when(
        self, verifier: TokenVerifier, issue: Issuing, clock: MemoryClock
    ) -> None:
        assert await verifier.verify(issue()) == VerifiedIdentity(
            issuer=self.issuer,
            subject="ann",
            email="ann@example.com",
            email_verified=True,
            name="Ann",
            expires_at=clock.now() + timedelta(minutes=1) + self.leeway,
        )

    async def test_a_token_need_not_tell_an_email_or_a_name(self, verifier: TokenVerifier, issue: Issuing) -> None:
        identity = await verifier.verify(issue(email=None, email_verified=False, name=""))

        assert (identity.email, identity.email_verified, identity.name) == (None, False, "")

    async def test_an_email_that_the_issuer_does_not_vouch_for_is_not_verified(
        self, verifier: TokenVerifier, issue: Issuing
    ) -> None:
        assert not (await verifier.verify(issue(email_verified=False))).email_verified

    async def test_a_token_is_good_until_it_expires_and_not_after(
        self, verifier: TokenVerifier, issue: Issuing, clock: MemoryClock
    ) -> None:
        token = issue(lifetime=timedelta(minutes=2))
        clock.advance(timedelta(minutes=2) + self.leeway - timedelta(seconds=1))
        assert (await verifier.verify(token)).subject == "ann"

        clock.advance(timedelta(seconds=1))
        for _ in range(2):
            with pytest.raises(Unauthenticated):
                await verifier.verify(token)

    async def test_tokens_are_told_apart(self, verifier: TokenVerifier, issue: Issuing) -> None:
        ann, bob = issue("ann"), issue("bob")

        assert [(await verifier.verify(token)).subject for token in (ann, bob, ann)] == ["ann", "bob", "ann"]

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "…", "fd_key_0_0", "x" * 100_000, ".".join("x" * 5000)])
    async def test_what_is_no_token_is_refused(self, verifier: TokenVerifier, token: str) -> None:
        with pytest.raises(Unauthenticated):
            await verifier.verify(token)

    async def test_a_token_with_a_character_changed_is_refused(self, verifier: TokenVerifier, issue: Issuing) -> None:
        token = issue()
        middle = len(token) // 2
        other = "B" if token[middle] == "A" else "A"
        with pytest.raises(Unauthenticated):
            await verifier.verify(token[:middle] + other + token[middle + 1 :])

    async def test_all_refusals_are_alike(self, verifier: TokenVerifier, issue: Issuing) -> None:
        expired = issue(lifetime=timedelta(minutes=-5))
        told: list[str] = []
        for token in (expired, "x", f"{issue()}x"):
            with pytest.raises(Unauthenticated) as caught:
                await verifier.verify(token)
            told.append(str(caught.value))

        assert len(set(told)) == 1

    async def test_without_the_issuer_nothing_can_be_said(self, unreachable: TokenVerifier, issue: Issuing) -> None:
        with pytest.raises(Unavailable):
            await unreachable.verify(issue())

    async def test_an_identity_that_cannot_be_completed_stays_as_it_is(
        self, unreachable: TokenVerifier, clock: MemoryClock
    ) -> None:
        identity = _identity(self.issuer, clock.now())

        assert await unreachable.complete(identity) == identity


def _identity(issuer: str, at: datetime) -> VerifiedIdentity:
    return VerifiedIdentity(issuer=issuer, subject="user_1", expires_at=at)
