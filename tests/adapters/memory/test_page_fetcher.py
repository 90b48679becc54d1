from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.memory.page_fetcher import MemoryPageFetcher
from application.ports.page_fetcher import Fetched, PageRefused, PageUnavailable
from tests.contracts.page_fetcher import BODY, HTML, Hosting, PageFetcherContract, Site

URL = "https://studio.example/prices"


@asynccontextmanager
async def hosting(status: int, wait: timedelta | None) -> AsyncGenerator[Site]:
    answer = f"The page answers {status}."
    page: Fetched | PageRefused | PageUnavailable = Fetched(url=URL, media_type=HTML, body=BODY)
    if status != 200:
        page = PageRefused(answer) if wait is None else PageUnavailable(answer, wait)
    yield Site(url=URL, fetcher=MemoryPageFetcher({URL: page}))


class TestMemoryPageFetcher(PageFetcherContract):
    @pytest.fixture
    @override
    def hosting(self) -> Hosting:
        return hosting


async def test_what_it_was_not_given_it_does_not_have() -> None:
    fetcher = MemoryPageFetcher()
    with pytest.raises(PageRefused):
        await fetcher.fetch(URL)
    assert fetcher.fetched == [URL]
