import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from typing_extensions import override

from adapters.redis.connection import OUTAGES, RedisConnection
from application.ports.bell import Bell, Listener

_LOG = logging.getLogger(__name__)
_FROZEN = 1.0  # seconds in which a Redis that did not answer is not asked again: whoever rings is mostly in a request


class RedisBell(Bell):
    """Rings through PUBLISH, and listeners of its own process directly.

    What is rung while a PUBLISH is under way goes with the next one, all at once and each topic once. Redis has
    `patience` seconds for it.
    """

    def __init__(self, connection: RedisConnection, *, patience: float = 0.5) -> None:
        self._connection = connection
        self._patience = patience
        self._gathered: dict[str, None] = {}
        self._next: asyncio.Task[None] | None = None
        self._under_way: asyncio.Task[None] | None = None
        self._self = secrets.token_bytes(8)
        self._closed_until = 0.0
        self._losing = False

    @override
    async def ring(self, topics: Collection[str]) -> None:
        channels = [self._connection.key("bell", topic) for topic in topics]
        self._ring_here(channels)
        if not channels or self._closed():
            return
        self._gathered |= dict.fromkeys(channels)
        if self._next is None:
            self._next = asyncio.create_task(self._ring_elsewhere())
        # Shielded, since it rings for others, too, when one of them is cancelled.
        await asyncio.shield(self._next)

    async def _ring_elsewhere(self) -> None:
        if self._under_way is not None and not self._under_way.done():
            await asyncio.wait([self._under_way])
        channels, self._gathered = list(self._gathered), {}
        self._under_way, self._next = self._next, None
        if self._closed():
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._publish(channels)
        except OUTAGES as error:
            if isinstance(error, TimeoutError):
                self._closed_until = asyncio.get_running_loop().time() + _FROZEN
            self._lost(error)
        else:
            self._losing = False

    @override
    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncGenerator[Listener, None]:
        listener = _RedisListener(self._self)
        async with self._connection.subscriptions.subscribed(self._connection.key("bell", topic), listener):
            yield listener

    def _closed(self) -> bool:
        return asyncio.get_running_loop().time() < self._closed_until

    def _lost(self, error: Exception) -> None:
        if not self._losing:
            _LOG.warning("Rings are lost to other processes (%s); they look by themselves.", type(error).__name__)
        self._losing = True

    def _ring_here(self, channels: Collection[str]) -> None:
        for channel in channels:
            for subscriber in self._connection.subscriptions.subscribers(channel):
                subscriber.received(b"")

    async def _publish(self, channels: Collection[str]) -> None:
        async with self._connection.commands.pipeline(transaction=False) as pipeline:
            for channel in channels:
                pipeline.publish(channel, self._self)
            await pipeline.execute()


class _RedisListener(Listener):
    def __init__(self, ourselves: bytes) -> None:
        self._ourselves = ourselves
        self._rang = asyncio.Event()

    @override
    async def heard(self, timeout: float) -> bool:
        if not self._rang.is_set():
            try:
                async with asyncio.timeout(timeout):
                    await self._rang.wait()
            except TimeoutError:
                return False
        self._rang.clear()
        return True

    def received(self, message: bytes) -> None:
        if message != self._ourselves:  # our own rings were heard directly
            self._rang.set()

    def missed(self) -> None:
        self._rang.set()

    def cut_off(self) -> None:
        self._rang.set()
