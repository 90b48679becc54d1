"""What every page fetcher promises. A test class per adapter inherits the contract and overrides its fixture."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from application.ports.page_fetcher import Fetched, PageFetcher, PageRefused, PageUnavailable

BODY = "<h1>Ceník</h1>".encode()
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A page at `url`, which `fetcher` reaches."""

    url: str
    fetcher: PageFetcher


Hosting = Callable[[int, timedelta | None], AbstractAsyncContextManager[Site]]


class PageFetcherContract:
    @pytest.fixture
    def hosting(self) -> Hosting:
        """Sites whose page, of `BODY` and `HTML`, is answered with this status, and this `Retry-After`."""
        raise NotImplementedError

    async def test_a_page_is_given_as_it_is(self, hosting: Hosting) -> None:
        async with hosting(200, None) as site:
            found = await site.fetcher.fetch(site.url)
            assert found == Fetched(url=site.url, media_type=HTML, body=BODY)

    @pytest.mark.parametrize("status", [401, 403, 404, 410])
    async def test_a_page_that_is_not_for_us_is_refused(self, hosting: Hosting, status: int) -> None:
        async with hosting(status, None) as site:
            with pytest.raises(PageRefused, match=f"{status}"):
                await site.fetcher.fetch(site.url)

    @pytest.mark.parametrize("status", [429, 500, 503])
    async def test_a_page_that_is_not_there_now_is_unavailable(self, hosting: Hosting, status: int) -> None:
        async with hosting(status, timedelta(seconds=90)) as site:
            with pytest.raises(PageUnavailable, match=f"{status}") as raised:
                await site.fetcher.fetch(site.url)
        assert raised.value.retry_after == timedelta(seconds=90)
