"""Adapters of the tests: what memory's own do not offer."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext

from typing_extensions import override

from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.run_log import MemoryRunLog
from application.ports.bell import Bell, Listener
from application.ports.language_model import LanguageModel, ModelEvent, TextDelta
from application.ports.run_log import LogLost, RunLog, RunReader
from domain.conversations import Frame
from domain.ids import RunId
from domain.prompts import Prompt, Tool

Act = Callable[[], Awaitable[object]]


class ActingLanguageModel(LanguageModel):
    """Plays a script, and does `before[text]` right before the delta with this text is given."""

    def __init__(self, script: ScriptedLanguageModel, before: Mapping[str, Act]) -> None:
        self.script = script
        self._before = before

    @property
    @override
    def name(self) -> str:
        return self.script.name

    @override
    def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        return self._play(self.script.stream(prompt, tools))

    async def _play(self, events: AsyncGenerator[ModelEvent, None]) -> AsyncGenerator[ModelEvent, None]:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, TextDelta) and event.text in self._before:
                    await self._before[event.text]()
                yield event


class SilentBell(Bell, Listener):
    """Nobody hears anything, and nobody waits for it."""

    @override
    async def ring(self, topics: Collection[str]) -> None:
        pass

    @override
    def listen(self, topic: str) -> AbstractAsyncContextManager[Listener]:
        return nullcontext(self)

    @override
    async def heard(self, timeout: float) -> bool:
        return False


class _SilentReader(RunReader):
    @override
    async def next(self, timeout: float) -> Frame | None:
        await asyncio.sleep(timeout)
        return None


class WatchedRunLog(RunLog):
    """A log in memory that can be lost, out of reach or deaf, and lets a test look before each append.

    Attributes:
        reachable: whether anything arrives. answering: whether it is known to have arrived.
        tries: how often something was to be appended.
    """

    def __init__(self) -> None:
        self.memory = MemoryRunLog()
        self.reachable = True
        self.answering = True
        self.tries = 0
        self.look: Callable[[RunId, Sequence[Frame]], None] = lambda _run_id, _frames: None

    def forget(self, run_id: RunId) -> None:
        """The log is lost at this moment."""
        self.memory._logs.pop(run_id, None)  # pyright: ignore[reportPrivateUsage]

    async def cut_off(self) -> None:
        self.reachable = False

    async def connect(self) -> None:
        self.reachable = True

    @override
    async def append(self, run_id: RunId, frames: Sequence[Frame], *, anew: bool = False) -> None:
        self.tries += 1
        self.look(run_id, frames)
        if not self.reachable:
            raise LogLost
        await self.memory.append(run_id, frames, anew=anew)
        if not self.answering:
            raise LogLost

    @override
    def follow(self, run_id: RunId) -> AbstractAsyncContextManager[RunReader]:
        return self.memory.follow(run_id) if self.reachable else nullcontext(_SilentReader())

    @override
    async def drop(self, run_ids: Sequence[RunId]) -> None:
        if self.reachable:
            await self.memory.drop(run_ids)
