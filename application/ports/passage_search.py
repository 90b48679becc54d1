from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from application.ports.embeddings import Vector
from domain.ids import ConversationId, PassageId
from domain.knowledge import Filters, Passage, Standing


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage in a ranking; its score orders the answer to one query and means nothing outside."""

    passage_id: PassageId
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPassage:
    """A passage with what is known of its source.

    Attributes:
        title: of a document; empty for everything else.
        uri: where a document comes from; None for everything else.
        uses: how often a memory was recalled; 0 for everything else.
        conversation_id: in which conversation a message was said; None for everything else.
    """

    passage: Passage
    standing: Standing
    title: str
    uri: str | None
    uses: int
    conversation_id: ConversationId | None = None


class Coverage(StrEnum):
    """How much of what may be found has a vector of the embedder."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


class PassageSearch(Protocol):
    """Finds committed passages in two ways. What the filters exclude is never found, and never changes an order."""

    async def lexical(
        self, query: str, language: str, filters: Filters, limit: int, *, typos: bool = True
    ) -> Sequence[Ranked]:
        """The passages that share a word with `query`, best first, ties by id; the best `limit` exactly.

        Words are compared without case and accents: by their stems in `language`, and as they are, whatever language
        the passage is in. A word that no passage holds stands for those that differ from it by a single typo, unless
        told not to look for `typos`, which is most of the work where words are new. A word that few passages hold
        weighs more than one that many do, and words that stand together in the query count more where they do in a
        passage. Any text is a valid query.
        """
        ...

    async def semantic(self, vector: Vector, embedder: str, filters: Filters, limit: int) -> Sequence[Ranked]:
        """The passages with a vector of `embedder`, the most alike first (by cosine), ties by id.

        Exact, but that vectors are kept with about three digits, where at most 50,000 pass the filters; of more at
        least 99 of 100 of the best ten are found, of over 200,000 where anything is alike at all. Never fewer than
        `limit` where so many pass and have vectors.
        """
        ...

    async def coverage(self, embedder: str, filters: Filters) -> Coverage | None:
        """How many of the passages that pass the filters have a vector of `embedder`; None when none pass."""
        ...

    async def found(self, passage_ids: Sequence[PassageId]) -> Sequence[FoundPassage]:
        """Those of these passages that still are there, in any order."""
        ...

    async def leading(self, filters: Filters, limit: int) -> Sequence[Passage]:
        """The first passages, by source and position: what to read when a search finds little."""
        ...


class DraftSearch(Protocol):
    """Finds passages that are stored nowhere."""

    def of(self, passages: Sequence[Passage], standing: Standing) -> PassageSearch:
        """A search which finds these passages and no others, by their words alone."""
        ...
