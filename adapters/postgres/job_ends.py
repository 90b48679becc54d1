import asyncio
from collections.abc import Awaitable, Callable, Sequence

from domain.jobs import Claim


class JobEnds:
    """Ends jobs, all that end while others are being ended together in the next statement."""

    def __init__(self, end: Callable[[Sequence[Claim]], Awaitable[None]]) -> None:
        self._end = end
        self._gathered: list[Claim] = []
        self._next: asyncio.Task[None] | None = None
        self._under_way: asyncio.Task[None] | None = None

    async def add(self, claim: Claim) -> None:
        """Returns when the job has ended.

        Raises:
            Exception: what `end` raised of it, and of those that went with it.
        """
        self._gathered.append(claim)
        if self._next is None:
            self._next = asyncio.create_task(self._end_gathered())
        # Shielded, since it ends others, too, when one of them is cancelled.
        await asyncio.shield(self._next)

    async def _end_gathered(self) -> None:
        if self._under_way is not None and not self._under_way.done():
            await asyncio.wait([self._under_way])
        claims, self._gathered = self._gathered, []
        self._under_way, self._next = self._next, None
        await self._end(claims)
