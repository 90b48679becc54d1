"""What every answer has, whoever asks and whatever becomes of it."""

import re
from datetime import datetime, timedelta

import pytest

from tests.http.operations import API
from tests.http.system import Member, System, problem

ORIGIN = {"Origin": "https://shop.example"}
PUBLIC = f"{API}/public/workspaces/harbour-studio"
PREFLIGHT = {**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


@pytest.mark.parametrize("given", ["abc", "A.b-c_1", "x" * 128])
async def test_a_harmless_request_id_is_echoed(system: System, given: str) -> None:
    for path in ("/healthz", "/nothing", f"{API}/workspaces/me"):
        answer = await system.client.get(path, headers={"X-Request-Id": given})
        assert answer.headers["x-request-id"] == given
        if answer.status_code >= 400:
            assert answer.json()["request_id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>", 'a"b'])
async def test_any_other_request_id_is_replaced(system: System, given: str) -> None:
    answer = await system.client.get("/nothing", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] != given
    assert re.fullmatch(r"[\w.-]{1,128}", answer.headers["x-request-id"])


async def test_a_problem_says_what_is_wrong_in_the_fields_of_the_contract(member: Member) -> None:
    told = problem(await member.api.patch(member.path, json={"tone": "rude"}), 422, "invalid")
    assert set(told) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert told["status"] == 422
    (fault,) = told["errors"]
    assert set(fault) == {"pointer", "code", "detail"}
    assert fault["pointer"] == "/tone"


async def test_without_a_token_one_is_asked_for(system: System) -> None:
    answer = await system.client.get(f"{API}/workspaces/me")
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_every_answer_is_guarded(system: System) -> None:
    for path in ("/", "/healthz", "/nothing", PUBLIC, f"{API}/workspaces/me"):
        headers = (await system.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers


async def test_any_page_may_call_the_public_routes_without_credentials(system: System) -> None:
    answer = await system.client.get(PUBLIC, headers=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
    asked = await system.client.options(f"{API}/public/conversations", headers=PREFLIGHT)
    assert asked.status_code == 204
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    missing = await system.client.get(f"{API}/public/workspaces/nobody-here", headers=ORIGIN)
    assert (missing.status_code, missing.headers["access-control-allow-origin"]) == (404, "*")


async def test_no_other_page_may_call_the_rest(system: System) -> None:
    for answer in (
        await system.owner.get(f"{API}/workspaces/me", headers=ORIGIN),
        await system.client.options(f"{API}/workspaces/me", headers=PREFLIGHT),
    ):
        assert "access-control-allow-origin" not in answer.headers


async def test_head_is_get_without_a_body(system: System, member: Member) -> None:
    for path in (member.path, f"{API}/health", PUBLIC):
        told, head = await member.api.get(path), await member.api.head(path)
        assert (head.status_code, head.content) == (told.status_code, b"")
        assert head.headers["content-type"] == told.headers["content-type"]
    assert (await system.client.head("/nothing")).status_code == 404


async def test_health_says_how_everything_is(system: System) -> None:
    answer = await system.client.get(f"{API}/health")
    health = answer.json()
    assert (answer.status_code, set(health)) == (200, {"status", "version", "time", "checks"})
    assert health["status"] == "healthy", health
    assert set(health["checks"]) == {"database", "redis", "worker", "model"}
    assert all(check["latency_ms"] >= 0 for check in health["checks"].values())
    assert health["time"].endswith("Z")
    now = system.container.ports.clock().now()
    assert abs(datetime.fromisoformat(health["time"]) - now) < timedelta(minutes=1)
    ready = await system.client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert set(ready.json()["checks"]) == {"database", "redis"}


async def test_metrics_count_by_route_and_never_by_path(system: System, member: Member) -> None:
    await member.api.get(member.path)
    await system.client.get("/no/such/path-planted")
    text = (await system.client.get("/metrics")).text
    assert re.search(
        r'http_requests_total\{method="GET",route="/api/v1/workspaces/\{workspace_id[^"]*\}",status="200"\}', text
    )
    assert 'route="unmatched",status="404"' in text
    assert member.workspace_id not in text
    assert "planted" not in text
    assert "http_open_streams" in text
