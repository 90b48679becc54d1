import asyncio
import gzip
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import pytest
from typing_extensions import override

from adapters.httpx2.guard import Address, GuardedTransport
from adapters.httpx2.page_fetcher import HttpxPageFetcher
from adapters.memory.clock import MemoryClock
from application.ports.page_fetcher import Fetched, PageRefused, PageUnavailable
from domain.knowledge import FILE_BYTES
from tests.contracts.page_fetcher import BODY, HTML, Hosting, PageFetcherContract, Site
from tests.wire.server import END, Reply, Server, Then, head, piece, plain, refusing


def fetcher(*, patience: float = 10, allow_private: bool = True) -> HttpxPageFetcher:
    return HttpxPageFetcher(
        MemoryClock(),
        lambda: GuardedTransport(allow_private=allow_private),
        allow_private=allow_private,
        patience=patience,
    )


def page(body: bytes = BODY, kind: str = HTML, **headers: str) -> Reply:
    return (head(200, kind=kind, **headers), piece(body), END)


def redirect(to: str, status: int = 302) -> Reply:
    return plain(status, "", location=to)


@asynccontextmanager
async def hosting(status: int, wait: timedelta | None) -> AsyncGenerator[Site]:
    asked = {} if wait is None else {"retry_after": str(wait // timedelta(seconds=1))}
    async with Server((head(status, kind=HTML, **asked), piece(BODY), END)) as server:
        yield Site(url=f"{server.url}/page", fetcher=fetcher())


class TestHttpxPageFetcher(PageFetcherContract):
    @pytest.fixture
    @override
    def hosting(self) -> Hosting:
        return hosting


async def refused(url: str, *, allow_private: bool = True) -> str:
    with pytest.raises(PageRefused) as raised:
        await fetcher(allow_private=allow_private).fetch(url)
    return str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_and_the_page_is_told_by_where_it_is(status: int) -> None:
    async with Server(page()) as elsewhere, Server(redirect(f"{elsewhere.url}/there", status)) as server:
        found = await fetcher().fetch(f"{server.url}/here")
        assert found == Fetched(url=f"{elsewhere.url}/there", media_type=HTML, body=BODY)


async def test_a_redirect_may_name_its_place_in_short() -> None:
    async with Server(redirect("../b?c=1#d"), page()) as server:
        assert (await fetcher().fetch(f"{server.url}/x/a")).url == f"{server.url}/b?c=1"
        assert [request.path for request in server.requests] == ["/x/a", "/b?c=1"]


async def test_five_redirects_are_followed_and_not_six() -> None:
    async with Server(*[redirect("/next")] * 5, page()) as server:
        assert (await fetcher().fetch(server.url)).body == BODY
    async with Server(redirect("/next")) as server:
        assert "5 redirects" in await refused(server.url)
        assert len(server.requests) == 6


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://studio.example/", "http://user:pw@studio.example/", "http://[", "gopher://x/"]
)
async def test_a_redirect_to_what_is_no_page_is_refused(to: str) -> None:
    async with Server(redirect(to)) as server:
        assert "none that pages are fetched from" in await refused(server.url)


async def test_an_address_of_ours_is_refused_before_anything_is_sent() -> None:
    async with Server(page()) as server:
        for host in ("127.0.0.1", "localhost", "[::1]", "0x7f000001"):
            await refused(server.url.replace("127.0.0.1", host), allow_private=False)
        assert server.requests == []


class Internet(httpcore2.AsyncNetworkBackend):
    """A network in which every public address leads to one server; `reached` are those that were asked for."""

    def __init__(self, server: Server) -> None:
        self._port = urlsplit(server.url).port or 0
        self._tcp: Any = httpcore2.AnyIOBackend()
        self.reached: list[str] = []

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.reached.append(host)
        found: httpcore2.AsyncNetworkStream = await self._tcp.connect_tcp("127.0.0.1", self._port, timeout)
        return found


async def resolve(host: str, _port: int) -> Sequence[Address]:
    return [ip_address({"studio.example": "93.184.216.34", "inner.example": "10.0.0.1"}[host])]


@pytest.mark.parametrize(
    "to",
    ["http://inner.example/", "http://10.0.0.1/", "http://localhost/", "http://[::1]/", "http://studio.example:22/"],
)
async def test_a_redirect_to_an_address_of_ours_is_refused(to: str) -> None:
    async with Server(redirect("/b"), redirect(to), page()) as server:
        internet = Internet(server)
        guarded = HttpxPageFetcher(MemoryClock(), lambda: GuardedTransport(resolve=resolve, network=internet))
        with pytest.raises(PageRefused):
            await guarded.fetch("http://studio.example/a")
        assert internet.reached == ["93.184.216.34"] * 2
        assert [request.path for request in server.requests] == ["/a", "/b"]


async def test_a_page_may_be_large_and_not_larger() -> None:
    half = b"a" * (FILE_BYTES // 2)
    async with Server((head(200, kind=HTML), piece(half), piece(half), END)) as server:
        assert len((await fetcher().fetch(server.url)).body) == FILE_BYTES
    async with Server((head(200, kind=HTML), piece(half), piece(half), piece("a"), Then.HANG)) as server:
        assert "20 MB" in await refused(server.url)
        await asyncio.wait_for(server.gone.wait(), 10)


async def test_what_is_sent_compressed_unasked_is_refused() -> None:
    async with Server(page(gzip.compress(bytes(10**6)), content_encoding="gzip")) as server:
        assert "compressed" in await refused(server.url)
    assert server.requests[0].headers["accept-encoding"] == "identity"


async def test_a_page_of_no_kind_is_bytes() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    async with Server((raw,)) as server:
        assert (await fetcher().fetch(server.url)).media_type == "application/octet-stream"


async def test_only_what_a_page_needs_is_sent() -> None:
    async with Server(plain(302, "", location="/b", set_cookie="a=1"), page()) as server:
        await fetcher().fetch(f"{server.url}/a?b=c")
    assert {request.headers["user-agent"] for request in server.requests} == {"Flightdeck"}
    assert not [
        request for request in server.requests if request.headers.keys() & {"cookie", "authorization", "referer"}
    ]


@pytest.mark.parametrize("steps", [(), (b"HTTP/1.1 200 OK\r\n",), (head(200), piece("a"))], ids=["", "head", "body"])
async def test_who_does_not_answer_in_time_is_left(steps: Reply) -> None:
    async with Server((*steps, Then.HANG)) as server:
        with pytest.raises(PageUnavailable):
            await fetcher(patience=1).fetch(server.url)
        await asyncio.wait_for(server.gone.wait(), 10)


@pytest.mark.parametrize(
    "steps", [(Then.RESET,), (Then.CLOSE,), (b"SMTP ready\r\n\r\n",)], ids=["reset", "close", "no HTTP"]
)
async def test_who_does_not_speak_http_is_unavailable(steps: Reply) -> None:
    async with Server(steps) as server:
        with pytest.raises(PageUnavailable):
            await fetcher().fetch(server.url)


async def test_who_is_not_there_is_unavailable() -> None:
    with pytest.raises(PageUnavailable):
        await fetcher().fetch(await refusing())
