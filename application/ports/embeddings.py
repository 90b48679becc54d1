from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.ids import PassageId, WorkspaceId

Vector = Sequence[float]
"""A direction: as many numbers as the embedder gives, at most `DIMENSIONS`, of length 1."""
DIMENSIONS = 1_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Unembedded:
    """A passage that wants a vector, and what it says."""

    passage_id: PassageId
    words: str


class Embeddings(Protocol):
    """The vectors of passages; each call is true at once."""

    async def missing(self, embedder: str, workspace_id: WorkspaceId, limit: int) -> Sequence[Unembedded]:
        """Up to `limit` passages of the workspace without a vector of `embedder`, the newest first."""
        ...

    async def incomplete(self, embedder: str, limit: int) -> Sequence[WorkspaceId]:
        """Up to `limit` workspaces with such passages."""
        ...

    async def put(self, embedder: str, vectors: Mapping[PassageId, Vector]) -> None:
        """These passages have these vectors, instead of those of any embedder; of what is gone, nothing is kept.

        One that somebody is changing at this moment may be left without, and is told as missing again.
        """
        ...
