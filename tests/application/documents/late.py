from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from tests.application.world import World


class Late:
    """The documents of units, of which a source is seen a moment too late: the first look finds nothing."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._documents: Any = None
        self.looks = 0

    @asynccontextmanager
    async def begin(self, claim: Any = None) -> AsyncGenerator[Any]:
        """A unit with these documents."""
        async with self._world.begin(claim) as work:
            unit: Any = work
            self._documents, unit.documents = unit.documents, self
            yield unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    async def of_source(self, workspace_id: Any, source_uri: str) -> Any:
        self.looks += 1
        return await self._documents.of_source(workspace_id, source_uri) if self.looks > 1 else None
