import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from typing_extensions import override

from application.ports.bell import Bell, Listener


class MemoryBell(Bell):
    """Rings within the process."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[_MemoryListener]] = defaultdict(set)

    @override
    async def ring(self, topics: Collection[str]) -> None:
        for topic in topics:
            for listener in self._listeners.get(topic, ()):
                listener.rang.set()

    @override
    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncGenerator[Listener, None]:
        listener = _MemoryListener()
        self._listeners[topic].add(listener)
        try:
            yield listener
        finally:
            self._listeners[topic].discard(listener)
            if not self._listeners[topic]:
                del self._listeners[topic]


class _MemoryListener(Listener):
    def __init__(self) -> None:
        self.rang = asyncio.Event()

    @override
    async def heard(self, timeout: float) -> bool:
        if not self.rang.is_set():
            try:
                async with asyncio.timeout(timeout):
                    await self.rang.wait()
            except TimeoutError:
                return False
        self.rang.clear()
        return True
