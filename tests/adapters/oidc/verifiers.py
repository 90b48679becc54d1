"""Verifiers of the issuer that the tests play."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.clerk.claims import ALGORITHMS, session_checks
from adapters.memory.clock import MemoryClock
from adapters.oidc.checks import Demands
from adapters.oidc.claims import ClaimNames
from adapters.oidc.key_rings import FetchedKeys, KeyRing
from adapters.oidc.keys import Key, jwks_keys
from adapters.oidc.token_verifier import OidcTokenVerifier
from tests.adapters.oidc.signing import AUDIENCE, CLERK, ISSUER, PARTY, jwk, jwks

DEMANDS = Demands(
    issuer=ISSUER, audience=frozenset({AUDIENCE}), algorithms=frozenset({"RS256", "RS512", "ES256"}), leeway=10
)
CLERK_DEMANDS = Demands(
    issuer=CLERK, algorithms=ALGORITHMS, leeway=10, claims=session_checks(["http://localhost:5173", PARTY])
)


def published() -> Sequence[Key]:
    """A key that is for RS256 alone, one for all that RSA can, and a curve."""
    return jwks_keys(jwks(jwk("rsa", alg="RS256", use="sig"), jwk("rsa-any"), jwk("ec", alg="ES256")))


def ring(clock: MemoryClock, keys: Sequence[Key] | None = None) -> FetchedKeys:
    found = published() if keys is None else keys

    async def fetch() -> Sequence[Key]:
        return found

    return FetchedKeys(fetch, clock)


def verifier(
    clock: MemoryClock, demands: Demands = DEMANDS, keys: KeyRing | None = None, **given: Any
) -> OidcTokenVerifier:
    return OidcTokenVerifier(demands, ClaimNames().identity, keys or ring(clock), clock, **given)


def without(checks: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each: check for each, check in checks.items() if each != name}
