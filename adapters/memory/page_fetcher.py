from collections.abc import Mapping

from typing_extensions import override

from application.ports.page_fetcher import Fetched, PageFetcher, PageRefused, PageUnavailable


class MemoryPageFetcher(PageFetcher):
    """Has the pages that it is given, by their addresses, and no others; for an error it raises.

    Attributes:
        fetched: the addresses that were asked for, in order.
    """

    def __init__(self, pages: Mapping[str, Fetched | PageRefused | PageUnavailable] | None = None) -> None:
        self.pages = dict(pages or {})
        self.fetched: list[str] = []

    @override
    async def fetch(self, url: str) -> Fetched:
        self.fetched.append(url)
        page = self.pages.get(url, PageRefused("The page answers 404."))
        if isinstance(page, Fetched):
            return page
        raise page
