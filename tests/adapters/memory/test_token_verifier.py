from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.memory.clock import MemoryClock
from adapters.memory.token_verifier import MemoryTokenVerifier
from application.ports.token_verifier import TokenVerifier
from domain.identity import VerifiedIdentity
from tests.contracts.token_verifier import Issuing, TokenVerifierContract


class TestMemoryTokenVerifier(TokenVerifierContract):
    issuer = "https://issuer.example.com"

    @pytest.fixture
    @override
    def clock(self) -> MemoryClock:
        return MemoryClock()

    @pytest.fixture
    @override
    def verifier(self, clock: MemoryClock) -> MemoryTokenVerifier:
        return MemoryTokenVerifier(clock)

    @pytest.fixture
    @override
    def issue(self, verifier: TokenVerifier, clock: MemoryClock) -> Issuing:
        assert isinstance(verifier, MemoryTokenVerifier)

        def issue(
            subject: str = "ann",
            *,
            email: str | None = "ann@example.com",
            email_verified: bool = True,
            name: str = "Ann",
            lifetime: timedelta = timedelta(minutes=1),
        ) -> str:
            identity = VerifiedIdentity(
                issuer=self.issuer,
                subject=subject,
                email=email,
                email_verified=email_verified,
                name=name,
                expires_at=clock.now() + lifetime,
            )
            return verifier.issue(identity)

        return issue

    @pytest.fixture
    @override
    def unreachable(self, clock: MemoryClock) -> TokenVerifier:
        verifier = MemoryTokenVerifier(clock)
        verifier.silent = True
        return verifier


async def test_what_the_issuer_tells_completes_an_identity() -> None:
    clock = MemoryClock()
    verifier = MemoryTokenVerifier(clock)
    bare = VerifiedIdentity(issuer="i", subject="ann", expires_at=clock.now())
    told = VerifiedIdentity(issuer="i", subject="ann", email="ann@example.com", name="Ann", expires_at=clock.now())
    verifier.tell(told)

    assert await verifier.complete(bare) == told
