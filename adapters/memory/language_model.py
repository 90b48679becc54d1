import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence

from typing_extensions import override

from application.ports.language_model import LanguageModel, LanguageModels, ModelEvent
from domain.prompts import Prompt, Tool

Step = ModelEvent | Exception | asyncio.Event


class ScriptEnded(AssertionError):
    """The model was asked more often than its script has replies: the test or the code under it is wrong."""


class MemoryLanguageModels(LanguageModels):
    """These models, of which the one chosen answers alone."""

    def __init__(self, *models: LanguageModel) -> None:
        self._models = models

    @property
    @override
    def names(self) -> Sequence[str]:
        return [model.name for model in self._models]

    @override
    def choose(self, name: str | None) -> LanguageModel:
        return next((model for model in self._models if model.name == name), self._models[0])


class ScriptedLanguageModel(LanguageModel):
    """Plays a script: one reply for each call of `stream`, in order.

    A reply is a list of steps: an event is given, an exception raised, and an `asyncio.Event` waited for, so that a
    test can hold the answer midway. Nothing is added: a reply that is to end well ends with `Finished`.

    Attributes:
        prompts: what was asked, in order.
        tools: what was offered with each.
        closed: how many answers were closed or cancelled before their last step.
    """

    def __init__(self, *replies: Iterable[Step], name: str = "scripted:script") -> None:
        self._replies = iter([tuple(reply) for reply in replies])
        self._name = name
        self.prompts: list[Prompt] = []
        self.tools: list[tuple[Tool, ...]] = []
        self.closed = 0

    @property
    @override
    def name(self) -> str:
        return self._name

    @override
    def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        """As the port says; raises `ScriptEnded` at once when no reply is left."""
        self.prompts.append(prompt)
        self.tools.append(tuple(tools))
        reply = next(self._replies, None)
        if reply is None:
            raise ScriptEnded(f"The script has no reply to call {len(self.prompts)} of the model.")
        return self._play(reply)

    async def _play(self, reply: Sequence[Step]) -> AsyncGenerator[ModelEvent, None]:
        try:
            for step in reply:
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise
