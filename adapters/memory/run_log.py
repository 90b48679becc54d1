import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from typing_extensions import override

from application.ports.run_log import LogLost, RunLog, RunReader, SlowReader, StaleAttempt
from domain.conversations import Frame
from domain.ids import RunId

_BUFFER = 1_000  # frames
_KEPT = 3600.0  # seconds


@dataclass(slots=True)
class _Log:
    frames: list[Frame] = field(default_factory=list[Frame])
    appended_at: float = 0.0


class MemoryRunLog(RunLog):
    """The frames of runs, in the process."""

    def __init__(self) -> None:
        self._logs: dict[RunId, _Log] = {}
        self._readers: defaultdict[RunId, set[_MemoryRunReader]] = defaultdict(set)

    @override
    async def append(self, run_id: RunId, frames: Sequence[Frame], *, anew: bool = False) -> None:
        self._expire()
        log = self._logs.get(run_id)
        if log is None:
            if not anew:
                raise LogLost
            log = _Log()
        if log.frames and frames[0].id <= log.frames[-1].id:
            raise StaleAttempt
        # Put anew at the end, so that the logs stand in the order in which they expire.
        self._logs.pop(run_id, None)
        self._logs[run_id] = log
        log.appended_at = time.monotonic()
        log.frames.extend(frames)
        for reader in self._readers.get(run_id, ()):
            reader.take(frames)

    @override
    @asynccontextmanager
    async def follow(self, run_id: RunId) -> AsyncGenerator[RunReader, None]:
        self._expire()
        log = self._logs.get(run_id)
        reader = _MemoryRunReader(log.frames if log else ())
        self._readers[run_id].add(reader)
        try:
            yield reader
        finally:
            self._readers[run_id].discard(reader)
            if not self._readers[run_id]:
                del self._readers[run_id]

    @override
    async def drop(self, run_ids: Sequence[RunId]) -> None:
        for run_id in run_ids:
            self._logs.pop(run_id, None)

    def _expire(self) -> None:
        until = time.monotonic() - _KEPT
        while self._logs:
            run_id, log = next(iter(self._logs.items()))
            if log.appended_at > until:
                return
            del self._logs[run_id]


class _MemoryRunReader(RunReader):
    def __init__(self, remembered: Sequence[Frame]) -> None:
        self._remembered = deque(remembered)
        self._live: deque[Frame] = deque()
        self._dropped = False
        self._news = asyncio.Event()

    def take(self, frames: Sequence[Frame]) -> None:
        self._live.extend(frames)
        self._news.set()
        if len(self._live) > _BUFFER:
            self._dropped = True
            self._live.clear()

    @override
    async def next(self, timeout: float) -> Frame | None:
        if not self._ready:
            self._news.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._news.wait()
            except TimeoutError:
                return None
        if self._dropped:
            raise SlowReader
        return (self._remembered or self._live).popleft()

    @property
    def _ready(self) -> bool:
        return self._dropped or bool(self._remembered) or bool(self._live)
