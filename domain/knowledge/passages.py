from dataclasses import dataclass
from datetime import datetime

from domain.ids import PassageId, WorkspaceId, new_id
from domain.knowledge.pieces import split


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A findable piece of a source.

    Attributes:
        source: names the text it is a piece of; `knowledge_base` or `services` for now.
        position: its place among the pieces of its source, from 0.
        heading: the headings above it, outermost first, joined by ` › `; empty when there are none.
        text: the piece itself, as it stands at `start` to `end` (code point offsets) in the source.
    """

    id: PassageId
    workspace_id: WorkspaceId
    source: str
    position: int
    heading: str
    text: str
    start: int
    end: int


def passages_of(workspace_id: WorkspaceId, source: str, text: str, at: datetime) -> tuple[Passage, ...]:
    """The pieces of `text` (see `split`), in order, as new passages of `source`."""
    return tuple(
        Passage(
            id=PassageId(new_id(at)),
            workspace_id=workspace_id,
            source=source,
            position=position,
            heading=piece.heading,
            text=piece.text,
            start=piece.start,
            end=piece.end,
        )
        for position, piece in enumerate(split(text))
    )
