from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self
from uuid import UUID

from domain.errors import Fault, Invalid
from domain.ids import PassageId, UserId, WorkspaceId, new_id
from domain.knowledge.blocks import JOINT, path_of
from domain.knowledge.pieces import Piece, split
from domain.memories.tiers import Tier

MOST_PASSAGES = 20_000
"""Of one source, as they are written in one statement; prose of `TEXT_LENGTH` makes some three thousand."""


class TooManyPassages(Invalid):
    """The text falls into more pieces than are kept."""

    def __init__(self) -> None:
        sentence = f"The text falls into more than {MOST_PASSAGES:,} pieces. Divide it, or give it fewer headings."
        super().__init__(Fault("", "too_many_passages", sentence))


class SourceKind(StrEnum):
    """What a passage is a piece of.

    A message is one that a member and their companion exchanged, a visitor's message one of a visitor's conversation,
    whoever wrote it.
    """

    DOCUMENT = "document"
    MEMORY = "memory"
    MESSAGE = "message"
    VISITOR_MESSAGE = "visitor_message"


class Source(NamedTuple):
    """The document, memory or message that a passage is a piece of; they order by kind, then id."""

    kind: SourceKind
    id: UUID

    @classmethod
    def knowledge_base(cls, workspace_id: WorkspaceId) -> Self:
        """The document that a workspace's field `knowledge_base` is: it has the workspace's own id."""
        return cls(SourceKind.DOCUMENT, workspace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a search asks of the source of passages.

    Attributes:
        owner_id: whose it is; None when it is the workspace's.
        reader_id: who alone may find it; None when every member may.
        tier: of a memory; None for everything else.
        at: when it was said, added or last changed.
        expires_at: from when on it is not found any more; None is never.
    """

    owner_id: UserId | None = None
    reader_id: UserId | None = None
    tier: Tier | None = None
    at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A findable piece of a source.

    Attributes:
        position: its place among the pieces of its source, from 0.
        heading: the headings above it, outermost first, joined by ` › ` (see `Piece`); empty when there are none.
        text: the piece itself, as it stands at `start` to `end` (code point offsets) in the source.
    """

    id: PassageId
    workspace_id: WorkspaceId
    source: Source
    position: int
    heading: str
    text: str
    start: int
    end: int

    @property
    def words(self) -> str:
        """What is searched: the heading and the text."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


def passages_of(
    workspace_id: WorkspaceId,
    source: Source,
    text: str,
    at: datetime,
    before: Sequence[Passage] = (),
    heading: str = "",
) -> tuple[Passage, ...]:
    """The pieces of `text` (see `split`), in order, as passages of `source`, all under a `heading` if there is one.

    It is not told twice above what stands under a heading that says the same. A piece that says what one of `before`
    said under the same heading is that passage, at its new place.

    Raises:
        TooManyPassages: there are more than `MOST_PASSAGES`.
    """
    pieces = split(text)
    if len(pieces) > MOST_PASSAGES:
        raise TooManyPassages
    known: defaultdict[tuple[str, str], list[Passage]] = defaultdict(list)
    for passage in reversed(before):
        known[passage.heading, passage.text].append(passage)
    return tuple(
        _placed(known[piece.heading, piece.text].pop(), position, piece)
        if known.get((piece.heading, piece.text))
        else _new(workspace_id, source, position, piece, at)
        for position, piece in enumerate(_under(heading, piece) for piece in pieces)
    )


def _under(heading: str, piece: Piece) -> Piece:
    outermost = piece.heading.partition(JOINT)[0]
    if _folded(outermost) == _folded(heading):
        return piece
    return replace(piece, heading=path_of([each for each in (heading, *piece.heading.split(JOINT)) if each]))


def _folded(heading: str) -> str:
    return " ".join(heading.casefold().split())


def _placed(passage: Passage, position: int, piece: Piece) -> Passage:
    return replace(passage, position=position, start=piece.start, end=piece.end)


def _new(workspace_id: WorkspaceId, source: Source, position: int, piece: Piece, at: datetime) -> Passage:
    return Passage(
        id=PassageId(new_id(at)),
        workspace_id=workspace_id,
        source=source,
        position=position,
        heading=piece.heading,
        text=piece.text,
        start=piece.start,
        end=piece.end,
    )
