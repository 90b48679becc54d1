import asyncio
from collections.abc import Callable
from contextlib import aclosing
from urllib.parse import urljoin

import httpx2
from typing_extensions import override

from adapters.httpx2.answers import asked_wait, is_tls
from adapters.httpx2.guard import AddressRefused
from application.ports.clock import Clock
from application.ports.page_fetcher import Fetched, PageFetcher, PageRefused, PageUnavailable
from domain.errors import Invalid
from domain.knowledge import FILE_BYTES, page_address

_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = 200
_LATER = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_HEADERS = {
    "User-Agent": "Flightdeck",
    "Accept": "text/html,application/xhtml+xml,application/pdf,text/markdown,text/plain,*/*;q=0.5",
    # What is sent compressed may be any size in memory.
    "Accept-Encoding": "identity",
}
_TOO_LARGE = f"The page is larger than {FILE_BYTES // 1024**2} MB."
_PRIVATE = "The page is not on the public Internet."
_NOWHERE = "The address, or one that it leads to, is none that pages are fetched from."
_SILENT = "The page does not answer."


class HttpxPageFetcher(PageFetcher):
    """Fetches over HTTP/1.1, each page and each redirect on a connection of its own, with no cookies kept.

    Args:
        clock: for what a server says of a time of day.
        transport: makes what is sent through; a `GuardedTransport` keeps private addresses out of reach.
        allow_private: whether addresses that are not public are taken.
        patience: seconds for all of it, redirects included.
    """

    def __init__(
        self,
        clock: Clock,
        transport: Callable[[], httpx2.AsyncBaseTransport],
        *,
        allow_private: bool = False,
        patience: float = 20,
    ) -> None:
        self._clock = clock
        self._transport = transport
        self._allow_private = allow_private
        self._patience = patience

    @override
    async def fetch(self, url: str) -> Fetched:
        try:
            async with asyncio.timeout(self._patience):
                return await self._fetch(url)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise PageUnavailable("The page does not answer in time.") from error
        except AddressRefused as error:
            raise PageRefused(_PRIVATE) from error
        except httpx2.HTTPError as error:
            if is_tls(error):
                raise PageRefused("The certificate of the page cannot be trusted.") from error
            raise PageUnavailable(_SILENT) from error
        except httpx2.InvalidURL as error:
            raise PageRefused(_NOWHERE) from error

    async def _fetch(self, url: str) -> Fetched:
        for _ in range(_HOPS + 1):
            found = await self._get(self._checked(url))
            if isinstance(found, Fetched):
                return found
            url = _joined(url, found)
        raise PageRefused(f"The page leads on and on: more than {_HOPS} redirects.")

    def _checked(self, url: str) -> str:
        try:
            return page_address(url, private=self._allow_private)
        except Invalid as error:
            raise PageRefused(_NOWHERE) from error

    async def _get(self, url: str) -> Fetched | str:
        """The page, or where it leads."""
        async with (
            httpx2.AsyncClient(
                transport=self._transport(), timeout=self._patience, trust_env=False, follow_redirects=False
            ) as client,
            client.stream("GET", url, headers=_HEADERS) as answer,
        ):
            location = answer.headers.get("location")
            if answer.status_code in _REDIRECTS and location is not None:
                return location
            self._check(answer)
            media_type = answer.headers.get("content-type") or "application/octet-stream"
            return Fetched(url=url, media_type=media_type, body=await _body(answer))

    def _check(self, answer: httpx2.Response) -> None:
        status = answer.status_code
        if status in _LATER or status >= _SERVER_ERROR:
            raise PageUnavailable(f"The page answers {status}.", asked_wait(answer, self._clock.now()))
        if status != _OK:
            raise PageRefused(f"The page answers {status}.")
        if answer.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            raise PageRefused("The page is sent compressed, although that was not asked for.")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise PageRefused(_NOWHERE) from error


async def _body(answer: httpx2.Response) -> bytes:
    body = bytearray()
    async with aclosing(answer.aiter_raw()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > FILE_BYTES:
                raise PageRefused(_TOO_LARGE)
    return bytes(body)
