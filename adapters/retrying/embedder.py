import asyncio
from collections.abc import Awaitable, Callable, Sequence

from typing_extensions import override

from application.ports.embedder import Embedder, EmbedderUnavailable
from application.ports.embeddings import Vector

FIRST_WAIT = 0.25


class RetryingEmbedder(Embedder):
    """Asks an embedder again when it was unavailable.

    It waits as long as the embedder said, or 0.25 s, doubled with each try. What would take longer than `patience` is
    final.

    Args:
        embedder: the embedder to ask.
        tries: how often it is asked at most.
        patience: seconds, the longest single wait.
        sleep: waits for some seconds.
    """

    def __init__(
        self,
        embedder: Embedder,
        *,
        tries: int = 3,
        patience: float = 2,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._embedder = embedder
        self._tries = tries
        self._patience = patience
        self._sleep = sleep

    @property
    @override
    def name(self) -> str:
        return self._embedder.name

    @property
    @override
    def weight(self) -> float:
        return self._embedder.weight

    @override
    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        for number in range(self._tries - 1):
            try:
                return await self._embedder.embed(texts)
            except EmbedderUnavailable as error:
                wait = FIRST_WAIT * 2**number if error.retry_after is None else error.retry_after
                if wait > self._patience:
                    raise
            await self._sleep(wait)
        return await self._embedder.embed(texts)
