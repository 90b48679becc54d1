import re

import httpx
import pytest
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from application.ports.activity import CAUSE
from tests.entrypoints.http.edge.world import NOTE, World

EVERYWHERE = ["/healthz", f"/api/v1/notes/{NOTE}", "/nothing", "/api/v1/errors/internal", "/api/v1/notes/x", "/metrics"]


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS"])
async def test_every_answer_has_a_request_id_and_the_security_headers(
    client: httpx.AsyncClient, path: str, method: str
) -> None:
    headers = (await client.request(method, path)).headers

    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "camera=()" in headers["permissions-policy"]
    assert (headers.get("cache-control") == "no-store") == path.startswith("/api/")


@pytest.mark.parametrize("given", ["a", "A-b_c.1", "x" * 128])
async def test_a_harmless_request_id_is_kept(client: httpx.AsyncClient, given: str) -> None:
    assert (await client.get("/nothing", headers={"x-request-id": given})).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\tb", "ë", "<script>", "a\n"])
async def test_any_other_request_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    response = await client.get("/nothing", headers={b"x-request-id": given.encode()})

    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["x-request-id"])


async def test_the_chat_may_be_framed_and_says_by_whom_itself(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/chat/harbour-studio")).headers

    assert headers["content-security-policy"] == "sandbox"
    assert "x-frame-options" not in headers
    assert headers["x-content-type-options"] == "nosniff"


async def test_the_request_is_the_cause_of_what_is_done_in_it(client: httpx.AsyncClient, world: World) -> None:
    await client.get(f"/api/v1/notes/{NOTE}", headers={"x-request-id": "r1"})

    assert world.causes == ["r1"]
    assert CAUSE.get() is None
    assert "request_id" not in get_contextvars()


async def test_a_request_is_one_log_line_without_what_is_secret(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        await client.get(f"/api/v1/notes/{NOTE}?token=fd_key_abc")

    [line] = logs
    assert isinstance(line.pop("ms"), float)
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "route": "/api/v1/notes/{note_id}",
        "status": 200,
    }


async def test_the_path_of_no_route_is_logged_masked_and_cut(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        await client.get("/b/fd_key_0198_abcdefgh/" + "x" * 5000)

    assert "abcdefgh" not in logs[0]["route"]
    assert len(logs[0]["route"]) == 200
    assert logs[0]["status"] == 404
