import httpx
import pytest

from tests.entrypoints.http.edge.world import NOTE, World

APP = "https://app.example.com"
PATH = f"/api/v1/notes/{NOTE}"
PUBLIC = "/api/v1/public/conversations"
ASK = {"access-control-request-method": "PATCH", "access-control-request-headers": "authorization"}


async def preflight(client: httpx.AsyncClient, path: str, origin: str) -> httpx.Headers:
    response = await client.options(path, headers=ASK | {"origin": origin})
    assert (response.status_code, response.content) == (204, b"")
    assert "access-control-allow-credentials" not in response.headers
    return response.headers


async def test_any_page_may_use_the_visitors_routes(world: World) -> None:
    async with world.client() as client:
        asked = await preflight(client, PUBLIC, "https://anyone.example")
        sent = await client.post(PUBLIC, json={"title": "a"}, headers={"origin": "https://anyone.example"})

    assert asked["access-control-allow-origin"] == "*"
    assert "Authorization" in asked["access-control-allow-headers"]
    assert sent.headers["access-control-allow-origin"] == "*"
    exposed = sent.headers["access-control-expose-headers"]
    assert {"ETag", "Location", "X-Request-Id", "Retry-After", "Idempotent-Replayed"} <= set(exposed.split(", "))


async def test_a_listed_origin_may_use_the_rest(world: World) -> None:
    async with world.client(cors_origins=[APP]) as client:
        asked = await preflight(client, PATH, APP)
        sent = await client.get(PATH, headers={"origin": APP})

    assert asked["access-control-allow-origin"] == APP
    assert "PATCH" in asked["access-control-allow-methods"]
    assert "Idempotency-Key" in asked["access-control-allow-headers"]
    assert asked["access-control-max-age"] == "600"
    assert sent.headers["access-control-allow-origin"] == APP
    assert sent.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", APP + ".evil.example", "http://app.example.com"])
async def test_another_origin_may_not(world: World, origin: str) -> None:
    async with world.client(cors_origins=[APP]) as client:
        asked = await preflight(client, PATH, origin)
        sent = await client.get(PATH, headers={"origin": origin})

    for headers in (asked, sent.headers):
        assert "access-control-allow-origin" not in headers
        assert headers["vary"] == "Origin"


async def test_all_origins_may_be_allowed(world: World) -> None:
    async with world.client(cors_origins=["*"]) as client:
        assert (await preflight(client, PATH, "https://anyone.example"))["access-control-allow-origin"] == "*"


async def test_errors_are_readable_by_pages_too(world: World) -> None:
    async with world.client(cors_origins=[APP]) as client:
        assert (await client.get("/nothing", headers={"origin": APP})).headers["access-control-allow-origin"] == APP


async def test_options_without_an_origin_is_no_preflight(world: World) -> None:
    async with world.client() as client:
        assert "allow" in (await client.options(PATH)).headers
