from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.combined.token_verifier import CombinedTokenVerifier
from adapters.memory.clock import MemoryClock
from adapters.memory.token_verifier import MemoryTokenVerifier
from adapters.oidc.key_rings import FetchedKeys, KeysUnavailable
from adapters.oidc.keys import Key
from application.ports.token_verifier import TokenVerifier
from domain.errors import Unauthenticated
from domain.identity import VerifiedIdentity
from tests.adapters.oidc.issuing import issuing
from tests.adapters.oidc.signing import AUDIENCE, CLERK, ISSUER, claims, encoded, session, token
from tests.adapters.oidc.vectors import VECTORS, Vector
from tests.adapters.oidc.verifiers import CLERK_DEMANDS, verifier
from tests.contracts.token_verifier import Issuing, TokenVerifierContract


async def _unreachable() -> list[Key]:
    raise KeysUnavailable("nobody is there")


def combined(clock: MemoryClock) -> CombinedTokenVerifier:
    return CombinedTokenVerifier({ISSUER: verifier(clock), CLERK: verifier(clock, CLERK_DEMANDS)})


class TestCombinedTokenVerifier(TokenVerifierContract):
    issuer = ISSUER
    leeway = timedelta(seconds=10)

    @pytest.fixture
    @override
    def clock(self) -> MemoryClock:
        return MemoryClock()

    @pytest.fixture
    @override
    def verifier(self, clock: MemoryClock) -> TokenVerifier:
        return combined(clock)

    @pytest.fixture
    @override
    def issue(self, verifier: TokenVerifier, clock: MemoryClock) -> Issuing:
        return issuing(clock, iss=ISSUER, aud=AUDIENCE)

    @pytest.fixture
    @override
    def unreachable(self, clock: MemoryClock) -> TokenVerifier:
        return CombinedTokenVerifier({ISSUER: verifier(clock, keys=FetchedKeys(_unreachable, clock))})


async def test_each_issuer_is_verified_by_its_own_rules() -> None:
    both = combined(MemoryClock())

    assert (await both.verify(token(claims()))).issuer == ISSUER
    assert (await both.verify(token(session()))).issuer == CLERK


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
async def test_what_any_of_them_refuses_is_refused(vector: Vector) -> None:
    with pytest.raises(Unauthenticated):
        await combined(MemoryClock()).verify(vector.make())


@pytest.mark.parametrize("middle", ["", "é", "!", encoded("[1]"), encoded('{"iss": 1}'), encoded("[" * 5000)])
async def test_a_token_that_names_no_issuer_is_refused(middle: str) -> None:
    with pytest.raises(Unauthenticated):
        await combined(MemoryClock()).verify(f"e30.{middle}.e30")


async def test_without_verifiers_no_token_is_taken() -> None:
    nobody = CombinedTokenVerifier({})
    identity = VerifiedIdentity(issuer=ISSUER, subject="ann", expires_at=MemoryClock().now())

    with pytest.raises(Unauthenticated):
        await nobody.verify(token(claims()))
    assert await nobody.complete(identity) == identity


async def test_the_identity_is_completed_by_its_issuer() -> None:
    clock = MemoryClock()
    one, other = MemoryTokenVerifier(clock), MemoryTokenVerifier(clock)
    identity = VerifiedIdentity(issuer="one", subject="ann", expires_at=clock.now())
    one.tell(replace(identity, name="Ann"))
    other.tell(replace(identity, name="Bob"))

    assert (await CombinedTokenVerifier({"one": one, "other": other}).complete(identity)).name == "Ann"
