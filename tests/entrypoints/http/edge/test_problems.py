import json

import httpx
import pytest
from structlog.testing import capture_logs

from tests.entrypoints.http.edge.world import NOTE, World, problem

NOTES = "/api/v1/notes"


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("unauthenticated", 401, "unauthenticated"),
        ("forbidden", 403, "forbidden"),
        ("not_found", 404, "not_found"),
        ("conflict", 409, "conflict"),
        ("edit_conflict", 409, "edit_conflict"),
        ("gone", 410, "gone"),
        ("grouped", 410, "gone"),
        ("stale", 412, "stale"),
        ("invalid", 422, "invalid"),
        ("limited", 429, "limited"),
        ("unavailable", 503, "unavailable"),
        ("internal", 500, "internal"),
    ],
)
async def test_each_kind_of_error_has_its_status(client: httpx.AsyncClient, name: str, status: int, code: str) -> None:
    problem(await client.get(f"/api/v1/errors/{name}"), status, code)


async def test_a_domain_error_tells_its_sentence_and_its_faults(client: httpx.AsyncClient) -> None:
    forbidden = problem(await client.get("/api/v1/errors/forbidden"), 403, "forbidden")
    invalid = problem(await client.get("/api/v1/errors/invalid"), 422, "invalid")

    assert forbidden["title"] == "Forbidden"
    assert "service:write" in forbidden["detail"]
    assert invalid["errors"] == [{"pointer": "/config/url", "code": "not_https", "detail": "The link must be https."}]


async def test_an_unforeseen_error_is_logged_with_its_traceback_and_tells_nothing(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        response = await client.get("/api/v1/errors/internal")

    assert "hunter2" not in response.text
    [failed] = [line for line in logs if line["log_level"] == "error"]
    assert isinstance(failed["exc_info"], ValueError)


async def test_refusals_say_when_and_how_to_come_back(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/errors/limited")).headers["retry-after"] == "17"
    assert (await client.get("/api/v1/errors/unavailable")).headers["retry-after"] == "5"
    assert (await client.get("/api/v1/errors/unauthenticated")).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1/nothing", f"{NOTES}/not-a-uuid", f"{NOTES}/%00", f"{NOTES}/{NOTE}/x"]
)
async def test_unknown_paths_and_malformed_ids_are_not_found(client: httpx.AsyncClient, path: str) -> None:
    problem(await client.get(path), 404, "not_found")


async def test_a_wrong_method_is_told_the_right_ones(client: httpx.AsyncClient) -> None:
    response = await client.put(NOTES)

    problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


WRONG_BODIES: list[tuple[object, str, str]] = [
    ({"title": 1}, "/title", "wrong_type"),
    ({"title": ""}, "/title", "invalid"),
    ({}, "/title", "missing"),
    ({"title": "a", "sender": "x"}, "/sender", "unknown_field"),
    ({"title": "a", "a/b~c": "x"}, "/a~1b~0c", "unknown_field"),
    ({"title": "a", "lines": [{"amount": 1}, {"amount": "1"}]}, "/lines/1/amount", "wrong_type"),
    ({"title": "a", "lines": [{"amount": 1, "z": 2}]}, "/lines/0/z", "unknown_field"),
    ({"title": "a", "lines": [{}]}, "/lines/0/amount", "missing"),
    ({"title": "a", "lines": [{"amount": 101}]}, "/lines/0/amount", "invalid"),
    ({"title": "a", "extra": {"k": True}}, "/extra", "wrong_type"),
    ({"title": "a", "at": "tomorrow"}, "/at", "invalid"),
    ([], "", "wrong_type"),
    (None, "", "wrong_type"),
]


@pytest.mark.parametrize(("body", "pointer", "code"), WRONG_BODIES)
async def test_a_wrong_body_is_422_and_names_the_place(
    client: httpx.AsyncClient, body: object, pointer: str, code: str
) -> None:
    response = await client.post(NOTES, content=json.dumps(body), headers={"content-type": "application/json"})

    [fault] = problem(response, 422, "invalid")["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    assert fault["detail"]
    assert "`" not in fault["detail"]


async def test_a_missing_body_is_422(client: httpx.AsyncClient) -> None:
    [fault] = problem(await client.post(NOTES), 422, "invalid")["errors"]

    assert fault["code"] == "missing"


async def test_a_body_that_may_be_missing_may_be_missing_or_null(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/maybe")).json() == {"given": False}
    assert (await client.post("/api/v1/maybe", json=None)).json() == {"given": False}
    assert (await client.post("/api/v1/maybe", json={"title": "a"})).json() == {"given": True}


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limit=many", "/query/limit", "wrong_type"),
        ("limit=0", "/query/limit", "invalid"),
        ("q=long", "/query/q", "invalid"),
        ("tag=1&tag=x", "/query/tag", "wrong_type"),
    ],
)
async def test_a_wrong_query_parameter_is_422_and_named(
    client: httpx.AsyncClient, query: str, pointer: str, code: str
) -> None:
    [fault] = problem(await client.get(f"{NOTES}?{query}"), 422, "invalid")["errors"]

    assert (fault["pointer"], fault["code"]) == (pointer, code)


async def test_every_wrong_query_parameter_is_named(client: httpx.AsyncClient) -> None:
    faults = problem(await client.get(f"{NOTES}?limit=x&q=long"), 422, "invalid")["errors"]

    assert {fault["pointer"] for fault in faults} == {"/query/limit", "/query/q"}


async def test_a_missing_query_parameter_is_named(client: httpx.AsyncClient) -> None:
    [fault] = problem(await client.get("/api/v1/needy"), 422, "invalid")["errors"]

    assert fault == {"pointer": "/query/q", "code": "missing", "detail": "'q' is missing."}


async def test_a_name_of_a_field_is_not_echoed_at_any_length(client: httpx.AsyncClient) -> None:
    response = await client.post(NOTES, json={"title": "a", "x" * 100_000: 1})

    assert len(problem(response, 422, "invalid")["errors"][0]["pointer"]) == 101


@pytest.mark.parametrize("query", ["limit=%ff", "q=%00", "%ff=%ff", "limit=&limit=", "&&=&", "tag=" + "9" * 5000])
async def test_a_strange_query_is_never_our_fault(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"{NOTES}?{query}")).status_code in {200, 422}


async def test_a_wrong_host_header_is_400(world: World) -> None:
    async with world.client() as client:
        problem(await client.get("/healthz", headers={"host": "a b"}), 400, "bad_request")
