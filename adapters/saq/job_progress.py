import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from typing_extensions import override

from application.ports.jobs import Item, JobProgress, JobQueue
from domain.jobs import Claim, JobCancelled


class CancelSignal:
    """Whether a job is to stop, and what it interrupts when that becomes so."""

    def __init__(self) -> None:
        self._scope: asyncio.Timeout | None = None
        self.asked = False

    def ask(self) -> None:
        """From now on the job is to stop."""
        self.asked = True
        if self._scope:
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def next(self, source: AsyncGenerator[Item, None]) -> Item:
        """The next item.

        Raises:
            JobCancelled: the job is to stop, before the item or while waiting for it.
            StopAsyncIteration: there is none.
        """
        if self.asked:
            raise JobCancelled
        try:
            # A timeout without a time: unlike a task for the item and one for the signal, it costs next to nothing.
            async with asyncio.timeout(None) as self._scope:
                return await anext(source)
        except TimeoutError as error:
            if self._scope and self._scope.expired():
                raise JobCancelled from error
            raise
        finally:
            self._scope = None


class ClaimedJobProgress(JobProgress):
    """The progress of a claim, told to the queue."""

    def __init__(self, queue: JobQueue, claim: Claim, signal: CancelSignal) -> None:
        self._queue = queue
        self._claim = claim
        self._signal = signal

    @override
    async def report(self, percent: int, note: str | None = None) -> None:
        if await self._queue.report(self._claim, percent, note):
            self._signal.ask()
        if self._signal.asked:
            raise JobCancelled

    @override
    async def guard(self, source: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
        async with aclosing(source):
            while True:
                try:
                    item = await self._signal.next(source)
                except StopAsyncIteration:
                    return
                yield item
