from collections.abc import Sequence
from typing import Protocol

from domain.ids import WorkspaceId

EXACT_UP_TO = 50_000
"""Of so many passages each is compared; of more, those that an index says are near."""


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
