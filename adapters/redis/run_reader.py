import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from typing_extensions import override

from application.ports.run_log import RunReader, SlowReader
from domain.conversations import Frame

PAGE = 500
"""Frames read from the stream at once."""

_BUFFER = 1_000  # frames
_RETRY = 1.0  # seconds

DecodeMessage = Callable[[bytes], Sequence[Frame]]
ReadPage = Callable[[Frame | None], Awaitable[Sequence[Frame] | None]]


class RedisRunReader(RunReader):
    """Joins what the stream remembers with what the channel carries: in order, each frame once, none left out.

    It is behind at the start, after a reconnect, and when a live frame does not follow the last one; then it reads
    the stream after the last frame, and from there goes on with the live frames above it.
    """

    def __init__(self, decode: DecodeMessage, read_page: ReadPage, connected: Callable[[], bool]) -> None:
        self._decode = decode
        self._read_page = read_page
        self._connected = connected
        self._live: deque[Frame] = deque()
        self._remembered: deque[Frame] = deque()
        self._behind = True
        self._dropped = False
        self._last: Frame | None = None
        self._news = asyncio.Event()

    def received(self, message: bytes) -> None:
        """Takes live frames; called by the subscription."""
        self._news.set()
        if self._dropped:
            return
        try:
            self._live.extend(self._decode(message))
        except (KeyError, msgspec.DecodeError):
            # Raised here it would break the connection that all readers share; found again in the stream, it is ours.
            self._behind = True
        if len(self._live) > _BUFFER:
            self._dropped = True
            self._live.clear()

    def missed(self) -> None:
        """Live frames may be missing; called by the subscription."""
        self._behind = True
        self._news.set()

    def cut_off(self) -> None:
        """Nothing to do until the connection is back; called by the subscription."""

    @override
    async def next(self, timeout: float) -> Frame | None:
        until = asyncio.get_running_loop().time() + timeout
        while True:
            frame = await self._at_hand()
            if frame is not None:
                self._last = frame
                return frame
            if not await self._wait(until):
                return None

    async def _at_hand(self) -> Frame | None:
        """The next frame that need not be waited for."""
        while True:
            if self._dropped:
                raise SlowReader
            if self._remembered:
                return self._remembered.popleft()
            while self._live and not self._is_new(self._live[0]):
                self._live.popleft()
            if self._behind:
                if not self._connected() or await self._read_on() is None:
                    return None
                continue
            if not self._live or self._follows(self._live[0]):
                return self._live.popleft() if self._live else None
            found = await self._read_on()
            if found is None:
                return None
            if not found:
                return self._live.popleft()  # what came before it is lost

    async def _read_on(self) -> int | None:
        """Reads the stream after the last frame; how many frames that were, or None while it cannot be read."""
        self._behind = False  # before the wait: a reconnect meanwhile sets it again
        page = await self._read_page(self._last)
        self._behind |= page is None or len(page) == PAGE
        if page is None:
            return None
        self._remembered.extend(page)
        return len(page)

    def _is_new(self, frame: Frame) -> bool:
        return self._last is None or frame.id > self._last.id

    def _follows(self, frame: Frame) -> bool:
        last = self._last
        if last is None or last.id.attempt != frame.id.attempt:
            return frame.id.sequence == 1
        return frame.id.sequence == last.id.sequence + 1

    async def _wait(self, until: float) -> bool:
        """Waits for something to change until then; whether it is worth looking again."""
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            return False
        try:
            async with asyncio.timeout(min(left, _RETRY) if self._behind else left):
                await self._news.wait()
        except TimeoutError:
            return self._behind
        self._news.clear()
        return True
