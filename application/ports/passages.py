from collections.abc import Sequence
from typing import Protocol

from domain.ids import WorkspaceId
from domain.knowledge import Passage, Source, Standing


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
