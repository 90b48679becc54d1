from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.ids import ConversationId, PassageId, WorkspaceId
from domain.knowledge import Filters, Passage, Source, Standing

Vector = Sequence[float]
"""A direction: as many numbers as the embedder gives, at most `DIMENSIONS`, of length 1."""
DIMENSIONS = 1_536
EXACT_UP_TO = 50_000
"""Of so many passages each is compared; of more, those that an index says are near."""


class Passages(Protocol):
    """The passages of sources; all of it needs no event, as it follows from what events of their sources tell."""

    async def of(self, source: Source) -> Sequence[Passage]:
        """The passages of `source`, by position."""
        ...

    async def replace(
        self, workspace_id: WorkspaceId, source: Source, passages: Sequence[Passage], standing: Standing, language: str
    ) -> None:
        """All passages of `source` become these, found by their words in `language` (BCP 47) with the same commit.

        One that was there before, known by its id and saying the same, keeps its vector.
        """
        ...

    async def add_all(
        self, workspace_id: WorkspaceId, found: Sequence[tuple[Sequence[Passage], Standing]], language: str
    ) -> None:
        """As `replace` for many sources that have no passages yet, given as the passages of each and its standing."""
        ...

    async def restand(self, source: Source, standing: Standing) -> None:
        """The passages of `source` are found by this from now on; what they say stays."""
        ...

    async def remove(self, source: Source) -> None:
        """`source` has no passages any more."""
        ...


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
        least 99 of 100 of the best ten are found. Never fewer than `limit` where so many pass and have vectors.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StalePassage:
    """A passage that is found by its words in another language than its own.

    Attributes:
        words: what it says. language: its own (BCP 47).
    """

    passage_id: PassageId
    words: str
    language: str


class PassageLanguages(Protocol):
    """In which language passages are found by their words, since that of a workspace may change; true at once."""

    async def stale(self, workspace_id: WorkspaceId, limit: int) -> Sequence[StalePassage]:
        """Up to `limit` passages that are found in another language than their workspace's, in any order.

        Those of a document with a language of its own are not among them.
        """
        ...

    async def put(self, workspace_id: WorkspaceId, passages: Sequence[StalePassage]) -> int:
        """These of the workspace are found in these languages; what they say, their ids and their vectors stay.

        One that says something else by now or is not stale any more stays as it is, and so does one that somebody is
        changing at this moment.

        Returns:
            How many did not.
        """
        ...


class VectorIndexes(Protocol):
    """What keeps the search by meaning fast in workspaces that have grown large: an index of each one's own."""

    async def wanted(self, embedder: str) -> Sequence[WorkspaceId]:
        """The workspaces where more than 50,000 passages have a vector of `embedder`, and that have no index of it."""
        ...

    async def build(self, embedder: str, workspace_id: WorkspaceId) -> None:
        """The workspace has an index of its vectors of `embedder`; takes minutes, in which everything else goes on."""
        ...

    async def remove_unused(self, embedder: str) -> int:
        """Removes the indexes of other embedders and of workspaces half as large or smaller; tells how many."""
        ...
