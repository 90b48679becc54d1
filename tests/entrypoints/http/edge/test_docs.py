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


def headers_of(schema: dict[str, Any], operation: str, status: str) -> set[str]:
    """The headers that an answer has, each of which is described."""
    headers = operations(schema)[operation]["responses"][status].get("headers", {})
    for name, told in headers.items():
        assert told == {"$ref": f"#/components/headers/{name}"}
        assert schema["components"]["headers"][name]["description"]
    return set(headers)


def taken_by(schema: dict[str, Any], operation: str) -> set[str]:
    """The headers that an operation takes by reference, by name."""
    parameters = [made.get("$ref", "") for made in operations(schema)[operation].get("parameters", [])]
    described = schema["components"]["parameters"]
    return {described[found.rpartition("/")[2]]["name"] for found in parameters if found}


RATES = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}


async def test_a_get_with_an_etag_may_be_answered_304(schema: dict[str, Any]) -> None:
    assert headers_of(schema, "get_note", "200") == {"ETag", *RATES}
    assert headers_of(schema, "get_note", "304") == {"ETag", *RATES}
    assert "content" not in operations(schema)["get_note"]["responses"]["304"]
    assert taken_by(schema, "get_note") == {"If-None-Match"}
    assert headers_of(schema, "change_note", "200") == {"ETag"}
    for other in ("change_note", "list_notes", "make_note"):
        assert "304" not in operations(schema)[other]["responses"]


async def test_posts_take_an_idempotency_key_unless_they_say_otherwise(schema: dict[str, Any]) -> None:
    assert taken_by(schema, "make_note") == taken_by(schema, "start_conversation") == {"Idempotency-Key"}
    assert taken_by(schema, "unrepeatable") == taken_by(schema, "change_note") == set()
    assert headers_of(schema, "make_note", "201") == {"ETag", "Location", "Idempotent-Replayed"}
    assert headers_of(schema, "unrepeatable", "201") == {"ETag", "Location"}


async def test_limits_are_told_where_they_count(schema: dict[str, Any]) -> None:
    assert headers_of(schema, "list_notes", "200") == headers_of(schema, "find_notes", "200") == RATES
    assert headers_of(schema, "healthz", "200") == set()
    assert headers_of(schema, "start_conversation", "201") >= RATES
    assert schema["components"]["responses"]["Problem"]["headers"].keys() >= {*RATES, "Retry-After", "WWW-Authenticate"}


async def test_what_is_described_of_a_good_answer_is_so(client: httpx.AsyncClient, schema: dict[str, Any]) -> None:
    made = await client.post("/api/v1/notes", json={"title": "a"})
    raw = await client.post("/api/v1/raw", json=1)
    told = {"etag", "location", "idempotent-replayed"}

    assert made.headers.keys() & told == {"etag", "location"}
    assert headers_of(schema, "raw", "201") == {"Idempotent-Replayed"}
    assert not raw.headers.keys() & told


async def test_a_stream_tells_its_events_in_words(schema: dict[str, Any]) -> None:
    answer = operations(schema)["stream"]["responses"]["200"]

    assert answer["content"]["text/event-stream"]["schema"] == {
        "type": "string",
        "description": "`event: a`, with a number.",
    }
    assert answer["description"] == "Server-sent events."


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
