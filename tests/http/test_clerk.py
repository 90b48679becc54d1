"""Clerk's side on a real server: its tokens, and what it tells of its users."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from entrypoints.supervisor.embedded import Urls
from tests.adapters.clerk.sending import SECRET, signed, user
from tests.adapters.oidc.signing import CLERK, PARTY, pem, session, token
from tests.http.system import System, problem, settings_for, started

PATH = "/api/v1/webhooks/clerk"


@pytest.fixture(scope="module")
async def clerk(database_url: str, servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    settings = settings_for(
        database_url,
        servers.redis,
        tmp_path_factory.mktemp("clerk"),
        AUTH_MODE="clerk,local",
        CLERK_ISSUER=CLERK,
        CLERK_AUTHORIZED_PARTIES=PARTY,
        CLERK_JWT_KEY=pem("rsa"),
        CLERK_WEBHOOK_SECRET=SECRET,
    )
    async with started(settings, worker=False) as running:
        yield running


@pytest.fixture
def subject() -> str:
    return f"user_{uuid4().hex}"


def _bearer(subject: str, **changed: object) -> dict[str, str]:
    now = int(time.time())
    told = session(**{"sub": subject, "iat": now, "nbf": now, "exp": now + 60} | changed)
    return {"Authorization": f"Bearer {token(told)}"}


async def _send(system: System, event: dict[str, Any], identifier: str | None = None) -> httpx.Response:
    headers, body = signed(event, identifier=identifier or f"msg_{uuid4().hex}")
    return await system.client.post(PATH, content=body, headers=headers)


def _event(subject: str, at: int, name: str = "Ann Lee", kind: str = "user.updated") -> dict[str, Any]:
    return {"type": kind, "data": user(subject, f"{subject}@example.com", name=name, updated_at=at), "timestamp": at}


async def test_ten_requests_of_somebody_new_make_one_user(clerk: System, subject: str) -> None:
    headers = _bearer(subject)
    answers = await asyncio.gather(*(clerk.client.get("/api/v1/workspaces/me", headers=headers) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_token_that_is_refused_is_not_told_why(clerk: System, subject: str) -> None:
    for changed in ({"exp": 1}, {"azp": "https://attacker.example.com"}, {"sts": "pending"}, {"iss": "https://x"}):
        answer = await clerk.client.get("/api/v1/users/me", headers=_bearer(subject, **changed))
        assert problem(answer, 401, "unauthenticated")


async def test_the_webhook_fills_in_what_the_token_does_not_carry(clerk: System, subject: str) -> None:
    me = (await clerk.client.get("/api/v1/users/me", headers=_bearer(subject))).json()
    assert (me["email"], me["name"]) == (None, "")

    assert (await _send(clerk, _event(subject, 1000))).json() == {"status": "applied"}
    me = (await clerk.client.get("/api/v1/users/me", headers=_bearer(subject))).json()
    assert (me["email"], me["name"]) == (f"{subject}@example.com", "Ann Lee")


async def test_the_webhook_may_come_first(clerk: System, subject: str) -> None:
    assert (await _send(clerk, _event(subject, 1000, kind="user.created"))).json() == {"status": "applied"}

    me = (await clerk.client.get("/api/v1/users/me", headers=_bearer(subject))).json()
    assert me["email"] == f"{subject}@example.com"


async def test_deliveries_are_applied_once_and_by_their_own_time(clerk: System, subject: str) -> None:
    identifier = f"msg_{subject}"
    told = [
        await _send(clerk, _event(subject, 2000, "Newest"), identifier),
        await _send(clerk, _event(subject, 2000, "Newest"), identifier),
        await _send(clerk, _event(subject, 1000, "Older")),
        await _send(clerk, {"type": "session.created", "data": {"id": "sess_1"}}),
    ]

    assert [answer.json()["status"] for answer in told] == ["applied", "repeated", "stale", "ignored"]
    assert {answer.status_code for answer in told} == {200}
    me = (await clerk.client.get("/api/v1/users/me", headers=_bearer(subject))).json()
    assert me["name"] == "Newest"


async def test_the_same_delivery_twice_at_once_is_applied_once(clerk: System, subject: str) -> None:
    event, identifier = _event(subject, 1000), f"msg_{subject}"
    answers = await asyncio.gather(*(_send(clerk, event, identifier) for _ in range(10)))

    assert sorted(answer.json()["status"] for answer in answers) == ["applied", *["repeated"] * 9]


async def test_who_is_deleted_at_clerk_is_not_let_in_any_more(clerk: System, subject: str) -> None:
    headers = _bearer(subject)
    await clerk.client.get("/api/v1/users/me", headers=headers)
    gone = {"type": "user.deleted", "data": {"id": subject, "deleted": True}, "timestamp": 5000}

    assert (await _send(clerk, gone)).json() == {"status": "applied"}
    assert problem(await clerk.client.get("/api/v1/users/me", headers=headers), 401, "unauthenticated")
    assert (await _send(clerk, _event(subject, 4000))).json() == {"status": "stale"}


async def test_what_is_not_signed_is_refused(clerk: System, subject: str) -> None:
    headers, body = signed(_event(subject, 1000))
    for other in ({}, headers | {"svix-id": "msg_other"}, headers | {"svix-signature": "v1,AAAA"}):
        assert problem(await clerk.client.post(PATH, content=body, headers=other), 400, "bad_signature")
    assert problem(await clerk.client.post(PATH, content=body + b" ", headers=headers), 400, "bad_signature")


async def test_a_body_that_is_too_large_is_refused(clerk: System) -> None:
    answer = await clerk.client.post(PATH, content=b" " * (2**18 + 1), headers={"svix-id": "msg"})

    assert problem(answer, 413, "too_large")


async def test_without_a_secret_the_webhook_is_not_there(system: System) -> None:
    headers, body = signed({"type": "user.updated", "data": {}})

    assert problem(await system.client.post(PATH, content=body, headers=headers), 503, "not_configured")
