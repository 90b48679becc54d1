from collections import deque
from decimal import Decimal
from types import MappingProxyType

import httpx
import pytest

from entrypoints.http.edge.responses import Renderer
from tests.entrypoints.http.edge.world import NOTE, NoteView, World, problem

PATH = f"/api/v1/notes/{NOTE}"


async def test_a_versioned_view_has_its_version_as_etag(client: httpx.AsyncClient) -> None:
    response = await client.get(PATH)

    assert response.headers["etag"] == '"3"'
    assert response.headers["content-type"] == "application/json"
    assert response.json()["at"] == "2026-11-21T08:00:00Z"


async def test_what_was_created_has_a_location(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/notes", json={"title": "a"})

    assert response.status_code == 201
    assert response.headers["location"] == PATH
    assert response.headers["etag"] == '"1"'


async def test_what_was_not_created_has_no_location(client: httpx.AsyncClient) -> None:
    assert "location" not in (await client.get(PATH)).headers


@pytest.mark.parametrize("known", ['"3"', 'W/"3"', '"1", "3"', "*"])
async def test_what_the_client_has_is_not_sent_again(client: httpx.AsyncClient, known: str) -> None:
    response = await client.get(PATH, headers={"if-none-match": known})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == '"3"'
    assert "content-type" not in response.headers


@pytest.mark.parametrize("known", ['"2"', "3", "nonsense"])
async def test_what_the_client_has_not_is_sent(client: httpx.AsyncClient, known: str) -> None:
    assert (await client.get(PATH, headers={"if-none-match": known})).status_code == 200


async def test_if_none_match_means_nothing_to_a_write(client: httpx.AsyncClient) -> None:
    response = await client.patch(PATH, json={}, headers={"if-none-match": '"4"'})

    assert response.status_code == 200


@pytest.mark.parametrize(("header", "version"), [('"12"', "12"), ("*", "None"), (' "1" ', "1")])
async def test_if_match_is_the_expected_version(client: httpx.AsyncClient, header: str, version: str) -> None:
    response = await client.patch(PATH, json={"title": "t"}, headers={"if-match": header})

    assert response.json()["title"] == f"t {version}"


@pytest.mark.parametrize("header", ['W/"1"', '"1", "2"', '"x"', '""', '"' + "9" * 30 + '"', '"\u0661"'])
async def test_an_if_match_that_is_no_etag_of_ours_matches_nothing(client: httpx.AsyncClient, header: str) -> None:
    problem(await client.patch(PATH, json={}, headers={b"if-match": header.encode()}), 412, "stale")


async def test_an_if_match_without_quotes_is_told_how_it_is_sent(client: httpx.AsyncClient) -> None:
    refused = problem(await client.patch(PATH, json={}, headers={"If-Match": "1"}), 422, "invalid")
    assert refused["errors"][0]["pointer"] == "/header/If-Match"


def test_the_same_view_is_always_rendered_alike() -> None:
    render = Renderer({NoteView: lambda note: f"/notes/{note.id}"})
    view = NoteView(id=NOTE, title="a", version=1)

    assert render(view, 201) == render(view, 201)
    assert render(view, 201).headers["Location"] == f"/notes/{NOTE}"
    assert render(None, 204).body == b""


def test_a_view_may_hold_any_mapping_and_sequence() -> None:
    view = {"a": MappingProxyType({"b": deque([1])}), "price": Decimal("120.00")}

    assert Renderer()(view, 200).body == b'{"a":{"b":[1]},"price":"120.00"}'


def test_a_view_of_what_is_no_json_is_our_mistake() -> None:
    with pytest.raises(NotImplementedError, match="object"):
        Renderer()({"a": object()}, 200)


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    head, whole = await client.head(PATH), await client.get(PATH)

    assert head.status_code == 200
    assert head.content == b""
    assert {n: v for n, v in head.headers.items() if n != "x-request-id"} == {
        n: v for n, v in whole.headers.items() if n != "x-request-id"
    }


async def test_head_where_there_is_no_get_is_405(client: httpx.AsyncClient) -> None:
    response = await client.head("/api/v1/raw")

    assert response.status_code == 405
    assert response.headers["allow"] == "OPTIONS, POST"


async def test_options_tells_what_the_address_takes(client: httpx.AsyncClient) -> None:
    response = await client.options("/api/v1/notes")

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert "content-type" not in response.headers


async def test_options_of_nothing_is_404(world: World) -> None:
    async with world.client() as client:
        assert (await client.options("/nothing")).status_code == 404
