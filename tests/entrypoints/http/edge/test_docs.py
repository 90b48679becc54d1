import re
from typing import Any

import httpx
import pytest

from tests.entrypoints.http.edge.world import World

PROBLEM = {"$ref": "#/components/responses/Problem"}


@pytest.fixture
async def schema(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/v1/openapi.json")).json()
    return found


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {made["operationId"]: made for item in schema["paths"].values() for made in item.values()}


async def test_operations_are_called_as_their_handlers(schema: dict[str, Any]) -> None:
    assert {"get_note", "list_notes", "make_note", "post_message"} <= operations(schema).keys()
    assert not any("docs" in path or "metrics" in path for path in schema["paths"])
    assert "/api/v1/notes/{note_id}" in schema["paths"]


async def test_every_error_is_a_problem(schema: dict[str, Any]) -> None:
    for operation in operations(schema).values():
        assert "400" not in operation["responses"]
        assert operation["responses"]["default"] == PROBLEM
    assert operations(schema)["make_note"]["responses"]["422"] == PROBLEM
    content = schema["components"]["responses"]["Problem"]["content"]
    assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


async def test_request_bodies_take_no_unknown_fields_and_answers_may_grow(schema: dict[str, Any]) -> None:
    schemas = schema["components"]["schemas"]

    assert schemas["NewNote"]["additionalProperties"] is False
    assert schemas["Line"]["additionalProperties"] is False
    assert schemas["NoteChange"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["NoteView"]


async def test_operations_name_the_tokens_they_take(schema: dict[str, Any]) -> None:
    made = operations(schema)

    assert made["get_note"]["security"] == [{"token": []}]
    assert made["post_message"]["security"] == [{"visitor_token": []}]
    assert made["start_conversation"]["security"] == []
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


async def test_if_match_is_described(schema: dict[str, Any]) -> None:
    [parameter] = [made for made in operations(schema)["change_note"]["parameters"] if made["in"] == "header"]

    assert parameter["name"] == "If-Match"
    assert not parameter["required"]


async def test_the_description_is_the_same_every_time(client: httpx.AsyncClient, world: World) -> None:
    first = await client.get("/api/v1/openapi.json")
    async with world.client() as other:
        assert (await other.get("/api/v1/openapi.json")).content == first.content
    assert (await client.get("/api/v1/openapi.json")).content == first.content


async def test_the_page_and_all_it_loads_come_from_here(client: httpx.AsyncClient) -> None:
    del client.headers["authorization"]
    page = await client.get("/api/v1/docs")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 4
    for address in loaded:
        if address != "data:,":
            assert address.startswith("/api/v1/docs/")
            asset = await client.get(address)
            assert (asset.status_code, bool(asset.content)) == (200, True)
            assert asset.headers["content-type"].split(";")[0] in {"text/css", "text/javascript"}


async def test_the_page_runs_no_script_of_its_own(client: httpx.AsyncClient) -> None:
    page = await client.get("/api/v1/docs")

    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert all(script == "" for script in re.findall(r"<script[^>]*>(.*?)</script>", page.text, re.DOTALL))


@pytest.mark.parametrize("name", ["nothing.js", "../core.py", "..%2fcore.py", "%2e%2e/core.py"])
async def test_nothing_but_the_assets_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/api/v1/docs/assets/{name}")).status_code == 404
