from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.ids import PassageId, WorkspaceId
from domain.knowledge import SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StalePassage:
    """A passage that is found by its words in another language than its own.

    Attributes:
        words: what it says. language: its own (BCP 47).
    """

    passage_id: PassageId
    kind: SourceKind
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
