from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


class PageRefused(Exception):
    """The page is not to be had, now or later; says why in a sentence for the one who named it."""


class PageUnavailable(Exception):
    """The page is not to be had at the moment; says why in a sentence.

    Attributes:
        retry_after: the wait its server asks for, if it does.
    """

    def __init__(self, sentence: str, retry_after: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A page.

    Attributes:
        url: where it was in the end, behind all redirects.
        media_type: as its server names it, parameters included; `application/octet-stream` when it does not.
    """

    url: str
    media_type: str
    body: bytes


class PageFetcher(Protocol):
    """Fetches a page from whatever address somebody has named, and nothing of ours."""

    async def fetch(self, url: str) -> Fetched:
        """The page, of up to `FILE_BYTES`, within seconds; up to five redirects are followed.

        Raises:
            PageRefused: an address on the way is none of http or https, or, because a name in it stands for one that
                is not public, refused; there are too many redirects; the server has no such page for us; the page is
                too large, or sent compressed, which was not asked for.
            PageUnavailable: the server does not answer, or is not able to.
        """
        ...
