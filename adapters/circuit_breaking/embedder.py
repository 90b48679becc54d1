import asyncio
from collections.abc import Sequence
from datetime import timedelta

from typing_extensions import override

from application.ports.clock import Clock
from application.ports.embedder import Embedder, EmbedderUnavailable
from application.ports.embeddings import Vector

_REST = 30.0  # seconds
_FAILURES = 2
"""In a row, until it counts as away: one alone may be due to its text, which is not to harm the searches of others."""


class CircuitBreakingEmbedder(Embedder):
    """Spares an embedder that is away, and those who wait for it: M. Nygard, "Release It!", 2007, "Circuit Breaker".

    Once it was unavailable twice in a row, all are told so at once for 30 s, or as long as it said if that is less.
    After that the next failure does the same, and the next vector ends it.

    Args:
        embedder: the embedder to ask.
        clock: by which it rests.
        patience: seconds, after which it counts as unavailable.
    """

    def __init__(self, embedder: Embedder, clock: Clock, *, patience: float) -> None:
        self._embedder = embedder
        self._clock = clock
        self._patience = patience
        self._failures = 0
        self._until = clock.now()

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
        left = (self._until - self._clock.now()).total_seconds()
        if left > 0:
            raise EmbedderUnavailable("It did not answer a moment ago.", retry_after=left)
        try:
            async with asyncio.timeout(self._patience):
                vectors = await self._embedder.embed(texts)
        except EmbedderUnavailable as error:
            self._note(error)
            raise
        except TimeoutError as error:
            late = EmbedderUnavailable(f"It gave no vectors within {self._patience} s.")
            self._note(late)
            raise late from error
        self._failures = 0
        return vectors

    def _note(self, error: EmbedderUnavailable) -> None:
        self._failures += 1
        if self._failures >= _FAILURES:
            told = _REST if error.retry_after is None else min(error.retry_after, _REST)
            self._until = self._clock.now() + timedelta(seconds=told)
