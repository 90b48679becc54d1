from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.memory.clock import MemoryClock
from adapters.memory.sign_in import MemoryAccounts
from adapters.memory.store import MemoryStore
from domain.identity import Login, User
from entrypoints.cli.sign_in_findings import issuer_findings, modes_finding, owner_finding
from entrypoints.settings import Settings, load
from tests.adapters.oidc.signing import jwk, jwks, pem
from tests.wire.server import Server, plain

EPOCH = MemoryClock().now()
CLERK = {
    "AUTH_MODE": "clerk",
    "CLERK_ISSUER": "https://clerk.example.com",
    "CLERK_AUTHORIZED_PARTIES": "https://app.example.com",
}
OIDC = {"AUTH_MODE": "oidc", "OIDC_AUDIENCE": "desk"}
PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": "k" * 32, "BASE_URL": "https://desk.example.com"}
OWNER = User.new("owner@example.com", "Owner", EPOCH)


@pytest.fixture
async def issuer() -> AsyncIterator[Server]:
    async with Server() as server:
        yield server


async def found(settings: Settings) -> list[tuple[str, bool | None, str]]:
    return [(each.subject, each.well, each.words) async for each in issuer_findings(settings)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "AUTH_MODE=local; with a password SIGNUP=invite"),
        ({"SIGNUP": "closed"}, "AUTH_MODE=local; with a password SIGNUP=closed"),
        (CLERK | {"CLERK_JWT_KEY": pem("rsa")}, "AUTH_MODE=clerk"),
        (
            CLERK | {"AUTH_MODE": "clerk,local", "CLERK_JWT_KEY": pem("rsa")},
            "AUTH_MODE=local,clerk; with a password SIGNUP=invite",
        ),
    ],
)
def test_the_ways_to_sign_in_are_named(given: dict[str, str], words: str) -> None:
    finding = modes_finding(load(given, None))
    assert (finding.subject, finding.well, finding.words) == ("sign-in", True, words)


async def test_without_an_issuer_nothing_is_asked() -> None:
    assert await found(load({}, None)) == []


async def test_the_keys_of_an_issuer_are_counted(issuer: Server) -> None:
    issuer.replies = [plain(200, jwks(jwk("rsa"), jwk("ec")).decode())]
    assert await found(load(CLERK | {"CLERK_JWKS_URL": issuer.url}, None)) == [("clerk", True, "the issuer has 2 keys")]

    metadata = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}
    issuer.requests.clear()
    issuer.replies = [plain(200, metadata), plain(200, jwks(jwk("rsa")).decode())]
    assert await found(load(OIDC | {"OIDC_ISSUER": issuer.url}, None)) == [("oidc", True, "the issuer has 1 key")]


async def test_a_key_in_the_settings_is_not_asked_for() -> None:
    settings = load(CLERK | {"CLERK_JWT_KEY": pem("rsa")}, None)
    assert await found(settings) == [("clerk", True, "CLERK_JWT_KEY; nothing is fetched")]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (plain(404, "nothing here"), "404 from 127.0.0.1."),
        (plain(200, {"keys": []}), "BadKey It has no key for signatures, or too many."),
        (plain(200, "<html>"), "BadKey It is not JSON."),
    ],
)
async def test_keys_that_cannot_be_had_are_wrong(issuer: Server, reply: Any, why: str) -> None:
    issuer.replies = [reply]
    settings = load(CLERK | {"AUTH_MODE": "local,clerk", "CLERK_JWKS_URL": issuer.url}, None)
    advice = "See CLERK_ISSUER and CLERK_JWKS_URL."
    assert await found(settings) == [("clerk", False, f"The issuer's keys cannot be fetched: {why} {advice}")]


OWNERS: list[tuple[dict[str, Any] | None, dict[str, str], bool | None, str]] = [
    ({}, {}, True, "owner@example.com has a password"),
    ({"totp_confirmed_at": EPOCH}, {}, True, "owner@example.com has a password and a second factor"),
    (None, {}, None, "owner@example.com has no password. 'flightdeck password owner@example.com' prints a link"),
    (None, PRODUCTION, False, "owner@example.com has no password."),
    ({"password_hash": None}, PRODUCTION, False, "owner@example.com has no password."),
]


@pytest.mark.parametrize(("login", "given", "well", "words"), OWNERS)
async def test_whether_the_owner_can_sign_in_is_told(
    login: dict[str, Any] | None, given: dict[str, str], well: bool | None, words: str
) -> None:
    store = MemoryStore()
    store.users.rows[OWNER.id] = OWNER
    if login is not None:
        whole = Login(user_id=OWNER.id, password_hash="hashed", changed_at=EPOCH)
        store.logins.rows[OWNER.id] = replace(whole, **login)
    finding = await owner_finding(MemoryAccounts(store), load(given, None))
    assert (finding.subject, finding.well) == ("owner", well)
    assert finding.words.startswith(words)


async def test_an_owner_who_is_kept_out_or_not_there_is_told() -> None:
    store = MemoryStore()
    finding = await owner_finding(MemoryAccounts(store), load({}, None))
    assert (finding.well, finding.words[:42]) == (None, "Nobody has the e-mail owner@example.com. T")
    store.users.rows[OWNER.id] = replace(OWNER, deactivated_at=EPOCH)
    finding = await owner_finding(MemoryAccounts(store), load({}, None))
    assert (finding.well, finding.words[:34]) == (False, "owner@example.com is deactivated. ")
