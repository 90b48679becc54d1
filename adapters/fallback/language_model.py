import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property

from typing_extensions import override

from application.ports.language_model import (
    Finished,
    LanguageModel,
    LanguageModels,
    ModelError,
    ModelEvent,
    ModelMisconfigured,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    StopReason,
)
from domain.prompts import Prompt, Tool

_LOG = logging.getLogger(__name__)


class FallbackLanguageModel(LanguageModel):
    """Asks the first of some models, and the next when one fails, or says nothing, before it has said anything.

    A model has said something once its first text, or the whole of its tool calls, has come. After that its failure is
    final, since another would repeat or contradict what was read. The failure of the last model is that of all.
    `Finished.model` names who answered and `ModelError.model` who failed; until then `name` is that of the first. Each
    failure is logged: an error where somebody has to act, else a warning.

    Args:
        models: at least one, in the order in which they are asked.
        first_token_timeout: seconds that each may take until it has said something.
    """

    def __init__(self, models: Sequence[LanguageModel], *, first_token_timeout: float = 10) -> None:
        self._models = tuple(models)
        self._timeout = first_token_timeout

    @property
    @override
    def name(self) -> str:
        return self._models[0].name

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        for model in self._models:
            spoke = False
            try:
                async with aclosing(self._answer(model, prompt, tools)) as events:
                    async for event in events:
                        spoke = True
                        yield event
            except ModelError as error:
                error.model = error.model or model.name
                _tell(error, error.model, spoke=spoke)
                if spoke or model is self._models[-1]:
                    raise
            else:
                return

    async def _answer(
        self, model: LanguageModel, prompt: Prompt, tools: Sequence[Tool]
    ) -> AsyncGenerator[ModelEvent, None]:
        async with aclosing(model.stream(prompt, tools)) as events:
            first = await self._first(events)
            yield _by(model, first if model is self._models[-1] else _said(first))
            async for event in events:
                yield _by(model, event)

    async def _first(self, events: AsyncGenerator[ModelEvent, None]) -> ModelEvent:
        waiting = asyncio.timeout(self._timeout)
        try:
            async with waiting:
                return await anext(events)
        except TimeoutError as error:
            if not waiting.expired():
                raise
            raise ModelTimeout(f"Nothing was said within {self._timeout:g} s.") from error


class FallbackLanguageModels(LanguageModels):
    """Asks the configured models in their order, but one that is chosen first.

    Args:
        names: of the models, in order; known before any of them is made.
        make: makes them, one for each name, once the first is asked for.
        first_token_timeout: as `FallbackLanguageModel` takes it.
    """

    def __init__(
        self, names: Sequence[str], make: Callable[[], Sequence[LanguageModel]], *, first_token_timeout: float = 10
    ) -> None:
        self._names = tuple(names)
        self._make = make
        self._timeout = first_token_timeout

    @property
    @override
    def names(self) -> Sequence[str]:
        return self._names

    @override
    def choose(self, name: str | None) -> LanguageModel:
        models = sorted(self._models, key=lambda model: model.name != name)  # which keeps the order of the others
        return FallbackLanguageModel(models, first_token_timeout=self._timeout)

    @cached_property
    def _models(self) -> Sequence[LanguageModel]:
        return self._make()


def _tell(error: ModelError, model: str, *, spoke: bool) -> None:
    level = logging.ERROR if isinstance(error, ModelMisconfigured) else logging.WARNING
    what = "broke off" if spoke else "did not answer"
    _LOG.log(level, "%s %s (%s: %s).", model, what, type(error).__name__, error)


def _said(first: ModelEvent) -> ModelEvent:
    match first:
        case Finished(reason=StopReason.FILTER):
            raise ModelRefused("A filter stopped the answer before it began.")
        case Finished():
            raise ModelUnavailable("The model said nothing.")
        case _:
            return first


def _by(model: LanguageModel, event: ModelEvent) -> ModelEvent:
    return replace(event, model=event.model or model.name) if isinstance(event, Finished) else event
