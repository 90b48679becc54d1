from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.ids import WorkspaceId
from domain.knowledge import Passage


class Passages(Protocol):
    """The passages of a workspace, written in the unit of work that changes their source."""

    async def replace(self, workspace_id: WorkspaceId, source: str, passages: Sequence[Passage], language: str) -> None:
        """All passages of `source` become these, indexed for search in `language` (BCP 47) with the same commit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPassage:
    """A passage with its relevance: a positive number that orders the answer to one query and means nothing outside."""

    passage: Passage
    score: float


class PassageSearch(Protocol):
    """Finds passages by meaning; for now by the words of the query."""

    async def search(
        self, workspace_id: WorkspaceId, query: str, *, language: str, limit: int
    ) -> Sequence[FoundPassage]:
        """The workspace's best passages for `query`, best first, ties in order of source and position.

        Words are compared by their stems in `language`, stop words do not count, and a word that few passages
        hold weighs more than one that many do. A passage sharing no word with the query is never returned. Any text
        is a valid query.
        """
        ...

    async def leading(self, workspace_id: WorkspaceId, *, limit: int) -> Sequence[Passage]:
        """The workspace's first passages, in order of source and position: what to read when a search finds little."""
        ...


class DraftSearch(Protocol):
    """Finds passages that are stored nowhere."""

    def of(self, passages: Sequence[Passage]) -> PassageSearch:
        """A search which finds these passages and no others."""
        ...
