from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from adapters.clerk.token_verifier import ClerkTokenVerifier
from adapters.httpx2.client import vendor_client
from adapters.memory.clock import MemoryClock
from adapters.oidc.key_rings import FetchedKeys, KeysUnavailable
from adapters.oidc.token_verifier import OidcTokenVerifier
from application.ports.token_verifier import TokenVerifier
from domain.identity import VerifiedIdentity
from tests.adapters.oidc.issuing import issuing
from tests.adapters.oidc.signing import CLERK, PARTY
from tests.adapters.oidc.verifiers import CLERK_DEMANDS, verifier
from tests.contracts.token_verifier import Issuing, TokenVerifierContract
from tests.wire.server import Reply, Server, Then, plain, refusing

SECRET = "sk_test_planted"


def clerk(tokens: TokenVerifier, api_url: str = "http://127.0.0.1:1", **given: Any) -> ClerkTokenVerifier:
    return ClerkTokenVerifier(tokens, lambda: vendor_client(most=10_000), api_url=api_url, secret_key=SECRET, **given)


async def _unreachable() -> list[Any]:
    raise KeysUnavailable("nobody is there")


class TestClerkTokenVerifier(TokenVerifierContract):
    issuer = CLERK
    leeway = timedelta(seconds=10)

    @pytest.fixture
    @override
    def clock(self) -> MemoryClock:
        return MemoryClock()

    @pytest.fixture
    @override
    def verifier(self, clock: MemoryClock) -> TokenVerifier:
        return clerk(verifier(clock, CLERK_DEMANDS))

    @pytest.fixture
    @override
    def issue(self, verifier: TokenVerifier, clock: MemoryClock) -> Issuing:
        return issuing(clock, iss=CLERK, azp=PARTY, v=2, sts="active", sid="sess_1")

    @pytest.fixture
    @override
    def unreachable(self, clock: MemoryClock) -> TokenVerifier:
        return clerk(verifier(clock, CLERK_DEMANDS, FetchedKeys(_unreachable, clock)))


USER: dict[str, Any] = {
    "id": "user_1",
    "object": "user",
    "first_name": "Ann",
    "last_name": "Lee",
    "primary_email_address_id": "idn_2",
    "email_addresses": [
        {"id": "idn_1", "email_address": "old@example.com", "verification": {"status": "verified"}},
        {"id": "idn_2", "email_address": "Ann@Example.com", "verification": {"status": "verified"}},
    ],
}
BARE = VerifiedIdentity(issuer=CLERK, subject="user_1", expires_at=MemoryClock().now())
NAMED = replace(BARE, name="Ann Lee")
WHOLE = replace(NAMED, email="ann@example.com", email_verified=True)


class Stage(AsyncExitStack):
    """Clerk's API on loopback."""

    server: Server

    async def complete(self, identity: VerifiedIdentity, *replies: Reply, **given: Any) -> VerifiedIdentity:
        self.server = await self.enter_async_context(Server(*replies))
        return await clerk(_tokens(), f"{self.server.url}/v1", **given).complete(identity)


def _tokens() -> OidcTokenVerifier:
    return verifier(MemoryClock(), CLERK_DEMANDS)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage() as stage:
        yield stage


async def test_the_profile_completes_an_identity(stage: Stage) -> None:
    assert await stage.complete(BARE, plain(200, USER)) == WHOLE

    (request,) = stage.server.requests
    assert request.path == "/v1/users/user_1"
    assert request.headers["authorization"] == f"Bearer {SECRET}"


async def test_what_is_whole_is_not_asked_for(stage: Stage) -> None:
    assert await stage.complete(WHOLE, plain(200, USER)) == WHOLE
    assert stage.server.requests == []


@pytest.mark.parametrize(
    ("change", "completed"),
    [
        ({"primary_email_address_id": "idn_9"}, NAMED),
        ({"primary_email_address_id": None}, NAMED),
        ({"email_addresses": None}, NAMED),
        ({"email_addresses": ["idn_2"]}, NAMED),
        ({"email_addresses": [{"id": "idn_2", "email_address": 7}]}, NAMED),
        ({"first_name": None, "last_name": None}, replace(WHOLE, name="")),
        ({"first_name": 7, "last_name": " Lee "}, replace(WHOLE, name="Lee")),
        (
            {"email_addresses": [{"id": "idn_2", "email_address": "a@b.c", "verification": {"status": "unverified"}}]},
            replace(NAMED, email="a@b.c"),
        ),
        ({"email_addresses": [{"id": "idn_2", "email_address": "a@b.c"}]}, replace(NAMED, email="a@b.c")),
    ],
    ids=str,
)
async def test_only_the_primary_email_counts_and_only_if_verified_as_such(
    stage: Stage, change: dict[str, Any], completed: VerifiedIdentity
) -> None:
    assert await stage.complete(BARE, plain(200, USER | change)) == completed


@pytest.mark.parametrize(
    "reply",
    [
        plain(401, {"errors": []}),
        plain(404, {"errors": []}),
        plain(429, ""),
        plain(500, ""),
        plain(302, "", location="https://attacker.example.com"),
        plain(200, "<html>"),
        plain(200, []),
        plain(200, USER | {"id": "user_2"}),
        plain(200, "[" * 9_000),
        plain(200, "x" * 10_001),
        (Then.CLOSE,),
        (Then.RESET,),
    ],
    ids=["401", "404", "429", "500", "302", "html", "list", "another", "nested", "too long", "closed", "reset"],
)
async def test_without_a_profile_the_identity_stays_as_it_is(stage: Stage, reply: Reply) -> None:
    assert await stage.complete(BARE, reply) == BARE


async def test_an_api_that_hangs_is_not_waited_for(stage: Stage) -> None:
    assert await stage.complete(BARE, (Then.HANG,), patience=0.05) == BARE


async def test_an_api_that_is_not_there_tells_nothing() -> None:
    assert await clerk(_tokens(), await refusing()).complete(BARE) == BARE


@pytest.mark.parametrize("subject", ["..", "../organizations", "user_1?x", "user_1#", "a/b", "é"])
async def test_a_subject_that_is_no_name_is_not_put_into_a_path(stage: Stage, subject: str) -> None:
    odd = replace(BARE, subject=subject)

    assert await stage.complete(odd, plain(200, USER)) == odd
    assert stage.server.requests == []


async def test_the_secret_is_not_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    await stage.complete(BARE, plain(500, ""))

    assert "user_1" in caplog.text
    assert SECRET not in caplog.text
