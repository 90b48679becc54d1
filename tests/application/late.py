from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from tests.application.world import World


class Late:
    """The users of units, of whom an e-mail is seen a moment too late: the first look finds nobody."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._users: Any = None
        self.looks = 0

    @asynccontextmanager
    async def begin(self, claim: Any = None) -> AsyncGenerator[Any]:
        """A unit with these users."""
        async with self._world.begin(claim) as work:
            unit: Any = work
            self._users, unit.users = unit.users, self
            yield unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._users, name)

    async def by_email(self, email: str) -> Any:
        self.looks += 1
        return await self._users.by_email(email) if self.looks > 1 else None
