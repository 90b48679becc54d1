"""A reply that is dictated word by word, while other things happen."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

from typing_extensions import override

from adapters.memory.job_progress import MemoryJobProgress
from application.ports.language_model import LanguageModel, ModelEvent, TextDelta
from domain.jobs import Claim
from domain.prompts import Prompt, Tool
from tests.application.conversations.script import END
from tests.application.world import Crash, World, job_of


class Dictation(LanguageModel):
    """The worker of a claim, whose model says what it is told to."""

    def __init__(self, world: World, claim: Claim) -> None:
        self.claim = claim
        self.progress = MemoryJobProgress()
        self._steps = asyncio.Queue[ModelEvent | Exception]()
        self._work = asyncio.ensure_future(world.generator(self)(job_of(claim), claim, self.progress))

    @property
    @override
    def name(self) -> str:
        return "scripted:dictation"

    @property
    def over(self) -> bool:
        """Whether the worker has stopped."""
        return self._work.done()

    async def say(self, text: str) -> None:
        """The reply goes on so."""
        self._steps.put_nowait(TextDelta(text))
        await _a_moment()

    async def end(self, error: Exception | None = None) -> None:
        """The reply ends well, or with this; the worker with it."""
        self._steps.put_nowait(error or END)
        await self.stopped()

    async def cancel(self) -> None:
        """The worker is told to stop."""
        self.progress.cancel()
        await self.stopped()

    async def stopped(self) -> None:
        """Waits until the worker has stopped, by itself or with a crash."""
        with suppress(Crash):
            await self._work

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        while True:
            step = await self._steps.get()
            if isinstance(step, Exception):
                raise step
            yield step
            if step is END:
                return


async def _a_moment() -> None:
    await asyncio.sleep(0.01)
