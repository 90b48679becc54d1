from collections.abc import Sequence
from typing import Protocol

from application.ports.embeddings import Vector


class EmbedderError(Exception):
    """There are no vectors; the message is for logs, never for the public."""


class EmbedderUnavailable(EmbedderError):
    """It cannot be reached, is overloaded or limits us: a later try may do better.

    Attributes:
        retry_after: seconds, never negative; None when it did not say.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EmbedderMisconfigured(EmbedderError):
    """Its key, address or model is wrong: no later try does better until somebody mends the settings."""


class Embedder(Protocol):
    """Turns texts into directions, such that what means the same lies close together."""

    @property
    def name(self) -> str:
        """Names the model, and whatever else makes its vectors comparable with each other and no others."""
        ...

    @property
    def weight(self) -> float:
        """How much its ranking counts beside the one by words, which counts 1."""
        ...

    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """A vector of length 1 for each text, in order, alike whether a text comes alone or among others.

        Any text is taken: what is too long for the model counts by its beginning, and the empty text has a vector too.

        Raises:
            EmbedderUnavailable, EmbedderMisconfigured: it gave none, be it for one of the texts alone, as servers have
                a policy of what may be said.
        """
        ...
