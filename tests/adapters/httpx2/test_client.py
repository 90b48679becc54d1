import httpx2
import pytest

from adapters.httpx2.client import vendor_client
from tests.wire.server import END, Server, Then, head, piece, plain


async def test_an_answer_that_fits_is_read_whole() -> None:
    async with Server((head(), piece("x" * 100), END)) as server, vendor_client(most=100) as client:
        answer = await client.post(server.url, json={})

    assert answer.text == "x" * 100


async def test_an_answer_that_does_not_fit_fails() -> None:
    async with Server((head(), piece("x" * 101), END)) as server, vendor_client(most=100) as client:
        with pytest.raises(httpx2.ReadError, match="too long"):
            await client.post(server.url, json={})


async def test_silence_ends_the_wait() -> None:
    async with Server((head(), Then.HANG)) as server, vendor_client(silence=0.05) as client:
        with pytest.raises(httpx2.ReadTimeout):
            await client.post(server.url, json={})


async def test_a_redirect_is_not_followed() -> None:
    async with Server(plain(307, "", location="/elsewhere")) as server, vendor_client() as client:
        answer = await client.post(server.url, json={}, headers={"Authorization": "Bearer sk-planted"})

    assert answer.status_code == 307
    assert [request.path for request in server.requests] == ["/"]


async def test_no_compressed_answer_is_asked_for() -> None:
    async with Server(plain(200, {})) as server, vendor_client() as client:
        await client.post(server.url, json={})

    assert server.requests[0].headers["accept-encoding"] == "identity"
