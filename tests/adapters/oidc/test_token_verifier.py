import asyncio
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from adapters.memory.clock import MemoryClock
from adapters.oidc.checks import CHECKS, KEY_CHECKS, Demands
from adapters.oidc.key_rings import FetchedKeys, FixedKey, KeyRing, KeysUnavailable
from adapters.oidc.keys import Key, jwks_keys, pem_key
from adapters.oidc.token_verifier import OidcTokenVerifier
from application.ports.token_verifier import TokenVerifier
from domain.errors import Unauthenticated
from domain.identity import VerifiedIdentity
from tests.adapters.oidc.issuing import issuing
from tests.adapters.oidc.signing import AT, AUDIENCE, CLERK, ISSUER, PARTY, claims, jwk, jwks, pem, session, token
from tests.adapters.oidc.vectors import VECTORS, Vector
from tests.adapters.oidc.verifiers import CLERK_DEMANDS, DEMANDS, ring, verifier, without
from tests.contracts.token_verifier import Issuing, TokenVerifierContract

NAMES = [vector.name for vector in VECTORS]


class TestOidcTokenVerifier(TokenVerifierContract):
    issuer = ISSUER
    leeway = timedelta(seconds=10)

    @pytest.fixture
    @override
    def clock(self) -> MemoryClock:
        return MemoryClock()

    @pytest.fixture
    @override
    def verifier(self, clock: MemoryClock) -> TokenVerifier:
        return verifier(clock)

    @pytest.fixture
    @override
    def issue(self, verifier: TokenVerifier, clock: MemoryClock) -> Issuing:
        return issuing(clock, iss=ISSUER, aud=AUDIENCE)

    @pytest.fixture
    @override
    def unreachable(self, clock: MemoryClock) -> TokenVerifier:
        return verifier(clock, keys=FetchedKeys(_unreachable, clock))


async def _unreachable() -> list[Key]:
    raise KeysUnavailable("nobody is there")


def _of(vector: Vector) -> Demands:
    return CLERK_DEMANDS if vector.clerk else DEMANDS


async def accepted(verifier: TokenVerifier, made: str) -> bool:
    try:
        await verifier.verify(made)
    except Unauthenticated:
        return False
    return True


class TestRefusals:
    @pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
    async def test_a_bad_token_is_refused_by_the_check_that_is_for_it(
        self, vector: Vector, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "adapters.oidc.token_verifier")

        assert not await accepted(verifier(MemoryClock(), _of(vector)), vector.make())
        refused = [re.findall(r"the check '(.*)'", record.getMessage()) for record in caplog.records]
        assert refused == ([] if vector.refusal in {"size", "unreadable"} else [[vector.refusal]])

    @pytest.mark.parametrize("left_out", [*CHECKS, *KEY_CHECKS, *CLERK_DEMANDS.claims, "size", "key"])
    async def test_without_any_one_check_a_bad_token_is_taken(self, left_out: str) -> None:
        refused = [vector for vector in VECTORS if vector.refusal == left_out]
        taken: list[str] = []
        for vector in refused:
            # What a check keeps out may break what relies on it; that proves the check, too, but not so plainly.
            with suppress(KeyError, TypeError, AttributeError):
                if await accepted(_lacking(left_out, _of(vector)), vector.make()):
                    taken.append(vector.name)

        assert taken != []

    def test_there_are_enough_rows_and_each_has_a_name_of_its_own(self) -> None:
        assert len(VECTORS) >= 60
        assert len(set(NAMES)) == len(NAMES)

    async def test_each_row_is_refused_by_every_verifier(self) -> None:
        clock = MemoryClock()
        verifiers = [
            verifier(clock),
            verifier(clock, CLERK_DEMANDS),
            verifier(clock, keys=FixedKey(pem_key(pem("ec")))),
        ]

        assert [each.name for each in VECTORS for one in verifiers if await accepted(one, each.make())] == []


def _lacking(check: str, demands: Demands) -> OidcTokenVerifier:
    """A verifier that asks everything but this."""
    clock = MemoryClock()
    return verifier(
        clock,
        replace(demands, claims=without(demands.claims, check), longest=10**6 if check == "size" else demands.longest),
        FixedKey(pem_key(pem("rsa"))) if check == "key" else None,
        checks=without(CHECKS, check),
        key_checks=without(KEY_CHECKS, check),
    )


class TestGoodTokens:
    @pytest.mark.parametrize(
        ("algorithm", "kid"),
        [("RS256", "rsa"), ("RS256", "rsa-any"), ("ES256", "ec")],
        ids=["RS256", "no alg", "ES256"],
    )
    async def test_each_algorithm_that_is_asked_for_is_taken(self, algorithm: str, kid: str) -> None:
        made = token(claims(), {"alg": algorithm, "kid": kid}, by=kid, alg=algorithm)

        assert (await verifier(MemoryClock()).verify(made)).subject == "auth0|ann"

    @pytest.mark.parametrize(("algorithm", "kid"), [("EdDSA", "ed"), ("PS256", "rsa"), ("RS512", "rsa")])
    async def test_other_algorithms_can_be_asked_for(self, algorithm: str, kid: str) -> None:
        clock = MemoryClock()
        demands = replace(DEMANDS, algorithms=frozenset({algorithm}))
        keys = ring(clock, [_published(kid)])
        made = token(claims(), {"alg": algorithm}, by=kid, alg=algorithm)

        assert (await verifier(clock, demands, keys).verify(made)).subject == "auth0|ann"

    @pytest.mark.parametrize("typ", ["jwt", "JWT", "at+jwt", "application/at+jwt"])
    async def test_access_tokens_are_taken(self, typ: str) -> None:
        made = token(claims(), {"alg": "RS256", "kid": "rsa", "typ": typ})

        assert await accepted(verifier(MemoryClock()), made)

    @pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
    async def test_a_key_in_the_header_is_not_looked_at(self, name: str) -> None:
        made = token(claims(), {"alg": "RS256", "kid": "rsa", name: "https://attacker.example.com/"})

        assert await accepted(verifier(MemoryClock()), made)

    @pytest.mark.parametrize(
        "change", [{"exp": AT - 9}, {"nbf": AT + 10}, {"iat": AT + 10}, {"nbf": None, "iat": None}]
    )
    async def test_clocks_may_differ_by_the_leeway(self, change: Mapping[str, int]) -> None:
        assert await accepted(verifier(MemoryClock()), token(claims(**change)))

    @pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE], ["account", AUDIENCE], [1, AUDIENCE]])
    async def test_ours_may_be_one_of_several_audiences(self, audience: object) -> None:
        assert await accepted(verifier(MemoryClock()), token(claims(aud=audience)))

    async def test_tokens_of_the_future_are_taken_when_that_is_not_asked(self) -> None:
        demands = replace(DEMANDS, verify_iat=False)

        assert await accepted(verifier(MemoryClock(), demands), token(claims(iat=AT + 3600)))

    @pytest.mark.parametrize("clerk", [False, True])
    async def test_that_is_all_that_is_not_asked_then(self, clerk: bool) -> None:
        others = [vector for vector in VECTORS if vector.refusal != "issued" and vector.clerk is clerk]
        lenient = verifier(MemoryClock(), replace(CLERK_DEMANDS if clerk else DEMANDS, verify_iat=False))

        assert [vector.name for vector in others if await accepted(lenient, vector.make())] == []

    @pytest.mark.parametrize(
        "older", [{}, {"v": 1}, {"v": None, "sts": None, "org_id": "org_1", "org_role": "org:admin", "o": None}]
    )
    async def test_a_session_of_either_version_is_taken(self, older: Mapping[str, object]) -> None:
        clock = MemoryClock()
        made = token(session(**older), {"alg": "RS256", "kid": "ins_1", "cat": "cl_B7d4PD111AAA"})
        keys = ring(clock, [replace(pem_key(pem("rsa")), id="ins_1")])

        assert await verifier(clock, CLERK_DEMANDS, keys).verify(made) == VerifiedIdentity(
            issuer=CLERK, subject="user_1", expires_at=datetime.fromtimestamp(AT + 70, UTC)
        )

    async def test_a_session_may_carry_an_email_of_its_own(self) -> None:
        made = token(session(email="Ann@example.com", email_verified=True, name="Ann", azp=PARTY))
        identity = await verifier(MemoryClock(), CLERK_DEMANDS).verify(made)

        assert (identity.email, identity.email_verified, identity.name) == ("ann@example.com", True, "Ann")

    async def test_one_key_needs_no_name(self) -> None:
        clock = MemoryClock()

        assert await accepted(verifier(clock, keys=FixedKey(pem_key(pem("rsa")))), token(claims()))
        assert await accepted(
            verifier(clock, keys=ring(clock, [_published("rsa")])), token(claims(), {"alg": "RS256", "typ": "JWT"})
        )


def _published(kid: str) -> Key:
    return jwks_keys(jwks(jwk(kid)))[0]


class Counting(KeyRing):
    """Counts how often a key is looked for, and withdraws it when told."""

    def __init__(self, inner: KeyRing) -> None:
        self.found = 0
        self.withdrawn = False
        self._inner = inner

    @override
    async def find(self, identifier: str | None) -> Key | None:
        self.found += 1
        return None if self.withdrawn else await self._inner.find(identifier)

    @override
    def holds(self, key: Key) -> bool:
        return not self.withdrawn and self._inner.holds(key)


class TestMemory:
    @pytest.fixture
    def clock(self) -> MemoryClock:
        return MemoryClock()

    @pytest.fixture
    def keys(self, clock: MemoryClock) -> Counting:
        return Counting(ring(clock))

    async def test_a_token_is_verified_once(self, clock: MemoryClock, keys: Counting) -> None:
        remembering, made = verifier(clock, keys=keys), token(claims())

        assert len({await remembering.verify(made) for _ in range(10)}) == 1
        assert keys.found == 1

    async def test_a_known_token_expires(self, clock: MemoryClock, keys: Counting) -> None:
        remembering, made = verifier(clock, keys=keys), token(claims(exp=AT + 60))
        await remembering.verify(made)
        clock.advance(timedelta(seconds=70))

        assert not await accepted(remembering, made)
        assert keys.found == 1

    async def test_a_known_token_is_refused_once_its_key_is_withdrawn(self, clock: MemoryClock, keys: Counting) -> None:
        remembering, made = verifier(clock, keys=keys), token(claims())
        await remembering.verify(made)
        keys.withdrawn = True

        assert not await accepted(remembering, made)

    async def test_the_one_used_longest_ago_is_forgotten_first(self, clock: MemoryClock, keys: Counting) -> None:
        remembering = verifier(clock, keys=keys, remembered=2)
        ann, bob, cleo = (token(claims(sub=name)) for name in ("ann", "bob", "cleo"))
        for made in (ann, bob, ann, cleo):
            await remembering.verify(made)
        assert keys.found == 3

        await remembering.verify(ann)
        assert keys.found == 3
        await remembering.verify(bob)
        assert keys.found == 4

    async def test_what_was_refused_is_looked_at_anew(self, clock: MemoryClock, keys: Counting) -> None:
        remembering, early = verifier(clock, keys=keys), token(claims(nbf=AT + 30))
        assert not await accepted(remembering, early)
        clock.advance(timedelta(seconds=30))

        assert await accepted(remembering, early)

    async def test_what_differs_in_the_signature_alone_is_not_known(self, clock: MemoryClock, keys: Counting) -> None:
        remembering, made = verifier(clock, keys=keys), token(claims())
        await remembering.verify(made)

        assert not await accepted(remembering, made.rpartition(".")[0] + ".")

    async def test_many_at_once_are_all_told_the_same(self, clock: MemoryClock) -> None:
        remembering, made = verifier(clock), token(claims())

        assert len(set(await asyncio.gather(*(remembering.verify(made) for _ in range(100))))) == 1
