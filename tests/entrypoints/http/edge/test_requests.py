import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar.routes import HTTPRoute

from entrypoints.http.edge.problems import Refused
from entrypoints.http.edge.requests import Request
from tests.entrypoints.http.edge.world import World, problem

NOTES = "/api/v1/notes"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b'{"title": "\xff"}',
        b'{"title": "\\ud800"}',
        b'{"title": ',
        b"{'title': 1}",
        b'{"title": "a", "extra": ' + b"[" * 40_000,
        b'{"title": NaN}',
    ],
)
async def test_a_body_that_cannot_be_read_is_never_our_fault(client: httpx.AsyncClient, content: bytes) -> None:
    response = await client.post(NOTES, content=content, headers=JSON)

    assert response.status_code in {400, 422}
    problem(response, response.status_code, response.json()["code"])


@pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
async def test_a_body_nested_too_deeply_is_400(client: httpx.AsyncClient, bracket: bytes) -> None:
    content = bracket * 40_000

    problem(await client.post("/api/v1/raw", content=content, headers=JSON), 400, "bad_request")


async def test_a_body_that_is_not_utf_8_is_400(client: httpx.AsyncClient) -> None:
    response = await client.post(NOTES, content=b'{"title": "\xff"}', headers=JSON)

    assert problem(response, 400, "bad_request")["detail"] == "The body is not UTF-8."


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
async def test_only_what_is_called_json_is_read_as_json(client: httpx.AsyncClient, kind: str | None) -> None:
    headers = {"content-type": kind} if kind else {}

    problem(await client.post(NOTES, content=b'{"title": "a"}', headers=headers), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
)
async def test_json_may_be_called_by_its_other_names(client: httpx.AsyncClient, kind: str) -> None:
    response = await client.post(NOTES, content=b'{"title": "a"}', headers={"content-type": kind})

    assert response.status_code == 201


async def test_types_are_taken_strictly(client: httpx.AsyncClient) -> None:
    problem(await client.post(NOTES, json={"title": "a", "lines": [{"amount": "7"}]}), 422, "invalid")
    problem(await client.post(NOTES, json={"title": "a", "lines": [{"amount": 7.5}]}), 422, "invalid")


async def test_absent_and_null_are_told_apart(client: httpx.AsyncClient) -> None:
    path = "/api/v1/notes/0198c0de-0000-7000-8000-000000000001"

    assert (await client.patch(path, json={})).json()["title"] == "unset None"
    assert (await client.patch(path, json={"title": None})).json()["title"] == "None None"


async def test_a_body_above_the_limit_is_413(world: World) -> None:
    async with world.client(max_body_bytes=1024) as client:
        problem(await client.post(NOTES, json={"title": "a" * 1024}), 413, "too_large")


async def test_a_body_of_unknown_length_above_the_limit_is_413(world: World) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"title": "'
        while True:
            yield b"a" * 512

    async with world.client(max_body_bytes=4096) as client:
        problem(await client.post(NOTES, content=chunks(), headers=JSON), 413, "too_large")


async def test_a_file_is_taken_where_one_is_asked_for(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/uploads", files={"data": ("a.txt", b"four")})

    assert json.loads(response.content) == {"size": 4}


class Hasty(Request):
    body_seconds = 0.01


async def test_a_body_that_does_not_arrive_is_408(world: World) -> None:
    async def receive() -> Any:
        await asyncio.Event().wait()

    handler = next(route.route_handlers[0] for route in world.app().routes if isinstance(route, HTTPRoute))
    scope: Any = {"type": "http", "route_handler": handler, "headers": [], "state": {}}
    with pytest.raises(Refused) as refused:
        await Hasty(scope, receive).body()

    assert refused.value.status_code == 408


async def test_a_client_that_goes_away_while_sending_is_no_error_of_ours(world: World) -> None:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": NOTES,
        "raw_path": NOTES.encode(),
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer fd_key_owner"), (b"content-type", b"application/json")],
        "client": None,
        "server": None,
        "scheme": "http",
        "root_path": "",
    }
    await world.app()(scope, receive, send)

    assert sent[0]["status"] == 400
