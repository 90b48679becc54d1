import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from itertools import count

from typing_extensions import override

from application.ports.language_model import (
    LanguageModel,
    ModelEvent,
    ModelMisconfigured,
    ModelTimeout,
    ModelUnavailable,
)
from domain.prompts import Prompt, Tool

FIRST_WAIT = 0.25


class RetryingLanguageModel(LanguageModel):
    """Asks a model again when it was unavailable, as long as nothing of an answer has come, so that none is repeated.

    It waits as long as the model said, or 0.25 s, doubled with each try. What would take longer than `patience`, a
    model that kept us waiting (`ModelTimeout`), one whose owner has to act (`ModelMisconfigured`) and one that refused
    are final.

    Args:
        model: the model to ask.
        tries: how often it is asked at most.
        patience: seconds, the longest single wait.
        sleep: waits for some seconds.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        tries: int = 3,
        patience: float = 2,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._model = model
        self._tries = tries
        self._patience = patience
        self._sleep = sleep

    @property
    @override
    def name(self) -> str:
        return self._model.name

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        for number in count(1):
            begun = False
            try:
                async with aclosing(self._model.stream(prompt, tools)) as events:
                    async for event in events:
                        begun = True
                        yield event
            except ModelUnavailable as error:
                wait = self._wait(error, number)
                if begun or wait is None:
                    raise
            else:
                return
            await self._sleep(wait)

    def _wait(self, error: ModelUnavailable, number: int) -> float | None:
        if isinstance(error, ModelTimeout | ModelMisconfigured) or number >= self._tries:
            return None
        wait = FIRST_WAIT * 2 ** (number - 1) if error.retry_after is None else error.retry_after
        return wait if wait <= self._patience else None
