"""An issuer outside, found by its metadata, on a real server."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from entrypoints.supervisor.embedded import Urls
from tests.adapters.oidc.signing import AUDIENCE, claims, jwk, jwks, token
from tests.http.system import System, problem, settings_for, started
from tests.wire.server import Server, plain

ME = "/api/v1/users/me"


@dataclass(frozen=True)
class Stage:
    issuer: Server
    system: System

    def bearer(self, subject: str, by: str = "rsa", **changed: object) -> dict[str, str]:
        now = int(time.time())
        told = claims(**{"iss": self.issuer.url, "sub": subject, "iat": now, "nbf": now, "exp": now + 60} | changed)
        return {"Authorization": f"Bearer {token(told, {'alg': 'RS256', 'kid': by}, by=by)}"}


@pytest.fixture
async def stage(database_url: str, servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with staged(database_url, servers, tmp_path_factory.mktemp("oidc")) as made:
        yield made


@asynccontextmanager
async def staged(database_url: str, servers: Urls, home: Path, **more: str) -> AsyncGenerator[Stage]:
    async with Server() as issuer:
        metadata = plain(200, {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"})
        published = [plain(200, jwks(*map(jwk, names)).decode()) for names in (["rsa"], ["rsa", "rsa-2"])]
        issuer.replies = [metadata, published[0], metadata, published[1]]
        settings = settings_for(
            database_url,
            servers.redis,
            home,
            AUTH_MODE="oidc",
            OIDC_ISSUER=issuer.url,
            OIDC_AUDIENCE=AUDIENCE,
            OIDC_NAME_CLAIM="/user_metadata/full_name",
            **more,
        )
        async with started(settings, worker=False) as system:
            yield Stage(issuer, system)


async def test_who_an_issuer_vouches_for_is_let_in_and_nobody_else(stage: Stage) -> None:
    subject = uuid4().hex
    told: dict[str, Any] = {"email": f"{subject}@Example.com", "user_metadata": {"full_name": "Ann Lee"}}
    me = (await stage.system.client.get(ME, headers=stage.bearer(subject, **told))).json()
    assert (me["email"], me["name"]) == (f"{subject}@example.com", "Ann Lee")

    refused: list[dict[str, Any]] = [{"aud": "other"}, {"exp": 1}, {"iss": "https://attacker.example.com"}]
    for changed in refused:
        answer = await stage.system.client.get(ME, headers=stage.bearer(subject, **changed))
        assert problem(answer, 401, "unauthenticated")


async def test_many_tokens_of_one_user_read_no_more_than_one(database_url: str, servers: Urls, tmp_path: Path) -> None:
    async with staged(database_url, servers, tmp_path, LIMIT_READS="3/minute") as stage:
        client, subject = stage.system.client, uuid4().hex
        answers = [await client.get(ME, headers=stage.bearer(subject, n=n)) for n in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        other = stage.bearer(uuid4().hex, email=f"{uuid4().hex}@example.com")
        assert (await client.get(ME, headers=other)).status_code == 200


async def test_a_rotation_of_keys_refuses_nobody(stage: Stage) -> None:
    subject, client = uuid4().hex, stage.system.client
    email = f"{subject}@example.com"
    assert (await client.get(ME, headers=stage.bearer(subject, email=email))).status_code == 200
    headers = [stage.bearer(subject, by, email=email, n=n) for n in range(100) for by in ("rsa", "rsa-2")]
    at_once = asyncio.Semaphore(30)  # a slow machine refuses more for want of connections

    async def asked(given: dict[str, str]) -> int:
        async with at_once:
            return (await client.get(ME, headers=given)).status_code

    assert set(await asyncio.gather(*map(asked, headers))) == {200}
    assert [request.path for request in stage.issuer.requests].count("/keys") == 2


async def test_an_issuer_that_was_never_reached_is_an_outage(stage: Stage) -> None:
    stage.issuer.replies = [plain(503, "")]

    assert problem(await stage.system.client.get(ME, headers=stage.bearer("ann")), 503, "unavailable")
