import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from typing_extensions import override

from application.ports.jobs import Item, JobProgress
from domain.jobs import JobCancelled, LeaseLost


class MemoryJobProgress(JobProgress):
    """Keeps what is reported, and is told to stop by `cancel` or `lose`.

    Attributes:
        reports: each percentage and note, in order.
    """

    def __init__(self) -> None:
        self.reports: list[tuple[int, str | None]] = []
        self._cancelled = False
        self._lost = False
        self._scope: asyncio.Timeout | None = None

    def cancel(self) -> None:
        """Asks the job to stop."""
        self._cancelled = True
        if self._scope:
            self._scope.reschedule(asyncio.get_running_loop().time())

    def lose(self) -> None:
        """Takes the job away."""
        self._lost = True

    @override
    async def report(self, percent: int, note: str | None = None) -> None:
        if self._lost:
            raise LeaseLost
        self.reports.append((percent, note))
        if self._cancelled:
            raise JobCancelled

    @override
    async def guard(self, source: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
        async with aclosing(source):
            while True:
                try:
                    item = await self._next(source)
                except StopAsyncIteration:
                    return
                yield item

    async def _next(self, source: AsyncGenerator[Item, None]) -> Item:
        if self._cancelled:
            raise JobCancelled
        try:
            async with asyncio.timeout(None) as self._scope:
                return await anext(source)
        except TimeoutError as error:
            if self._scope and self._scope.expired():
                raise JobCancelled from error
            raise
        finally:
            self._scope = None
