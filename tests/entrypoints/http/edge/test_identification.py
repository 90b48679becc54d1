import httpx
import pytest

from tests.entrypoints.http.edge.world import CONVERSATION_ID, NOTE, VISITOR, World, problem

PATH = f"/api/v1/notes/{NOTE}"
MESSAGES = f"/api/v1/public/conversations/{CONVERSATION_ID}/messages"


async def test_a_handler_is_given_the_owner_of_the_token(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH)).json()["title"] == "Olga"
    assert (await client.get(PATH, headers={"authorization": "bearer  fd_key_other"})).json()["title"] == "Otto"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic b2xnYTp4", "fd_key_owner", "Bearer " + "a" * 5000, "Bearer ë"],
)
async def test_a_missing_or_wrong_token_is_401(client: httpx.AsyncClient, header: str) -> None:
    response = await client.get(PATH, headers={b"authorization": header.encode()})

    problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_without_any_token_it_is_401(client: httpx.AsyncClient) -> None:
    del client.headers["authorization"]

    problem(await client.get(PATH), 401, "unauthenticated")


async def test_two_tokens_are_none(client: httpx.AsyncClient) -> None:
    headers = [("authorization", "Bearer fd_key_owner"), ("authorization", "Bearer fd_key_other")]
    del client.headers["authorization"]

    problem(await client.get(PATH, headers=headers), 401, "unauthenticated")


async def test_a_token_that_cannot_be_verified_now_is_503(client: httpx.AsyncClient) -> None:
    problem(await client.get(PATH, headers={"authorization": "Bearer unavailable"}), 503, "unavailable")


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic x"])
async def test_visitors_routes_are_absent_to_a_wrong_token(client: httpx.AsyncClient, header: str) -> None:
    response = await client.post(MESSAGES, json={"title": "a"}, headers={"authorization": header})

    problem(response, 404, "not_found")
    assert "www-authenticate" not in response.headers


async def test_visitors_routes_open_to_the_visitor(client: httpx.AsyncClient) -> None:
    assert (await client.post(MESSAGES, json={"title": "a"}, headers=VISITOR)).status_code == 201


async def test_an_anonymous_route_looks_at_no_token(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}):
        assert (await client.get("/healthz", headers=headers)).status_code == 200


async def test_the_token_is_looked_at_before_the_body(world: World) -> None:
    async with world.client() as client:
        response = await client.post("/api/v1/notes", content=b"{", headers={"authorization": "Bearer wrong"})

    problem(response, 401, "unauthenticated")


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("a unix socket", None),
    ],
)
async def test_a_handler_is_given_the_address_that_limits_count_by(
    world: World, peer: str, address: str | None
) -> None:
    async with world.client(peer) as client:
        assert (await client.get("/api/v1/address")).json() == {"address": address}
