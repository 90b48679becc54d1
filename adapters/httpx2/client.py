from collections.abc import AsyncGenerator

import httpx2
from typing_extensions import override

MAX_ANSWER = 16 * 2**20
"""Bytes of one answer, which at some 300 for each token is more than any reply."""


def vendor_client(*, silence: float = 30, connecting: float = 5, most: int = MAX_ANSWER) -> httpx2.AsyncClient:
    """The connections to all vendors, to be closed with `aclose` when nobody asks a model any more.

    It follows no redirect, since keys would go along, and asks for bodies that are not compressed, so that what is
    counted is what arrives. Proxies are taken from the environment (`HTTPS_PROXY`, `NO_PROXY`).

    Args:
        silence: seconds without a byte after which a request fails with `httpx2.ReadTimeout`.
        connecting: seconds in which a connection must stand.
        most: bytes of an answer after which it fails with `httpx2.ReadError`.
    """

    async def bound(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Bounded(response.stream, most)

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(silence, connect=connecting),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=60),
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [bound]},
        follow_redirects=False,
    )


class _Bounded(httpx2.AsyncByteStream):
    """A body that fails once it is too long: the SDKs keep a line of any length."""

    def __init__(self, stream: httpx2.AsyncByteStream, most: int) -> None:
        self._stream = stream
        self._left = most

    @override
    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        parts = self._stream.__aiter__()
        try:
            async for part in parts:
                self._left -= len(part)
                if self._left < 0:
                    raise httpx2.ReadError("The answer is too long.")
                yield part
        finally:
            if isinstance(parts, AsyncGenerator):
                await parts.aclose()

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()
