import math
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.prompts import Prompt, Tool, ToolCall


class StopReason(StrEnum):
    """Why a model stopped."""

    END = "end"
    TOOLS = "tools"
    LENGTH = "length"
    FILTER = "filter"


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer's text, never empty."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event: why the model stopped and the tokens it counted (None when it does not say).

    Attributes:
        model: the `name` of the model that answered, where that is another than the one asked.
    """

    reason: StopReason
    input_tokens: int | None = None
    output_tokens: int | None = None
    model: str | None = None


ModelEvent = TextDelta | ToolCall | Finished


class ModelError(Exception):
    """The model gave no (complete) answer; the message is for logs, never for the public.

    Attributes:
        model: the `name` of the model that failed, where that is another than the one asked.
    """

    model: str | None = None


class ModelUnavailable(ModelError):
    """It cannot be reached, is overloaded or limits us, or broke off: another model or a later try may answer.

    Attributes:
        retry_after: seconds, never negative, after which a later try may do better; None when it did not say, infinity
            when no later try will.
    """

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelTimeout(ModelUnavailable):
    """It did not answer in time."""


class ModelMisconfigured(ModelUnavailable):
    """It serves us nothing until its owner acts: a key that is not valid, an unknown model, an account without credit.

    The message says what of it; `retry_after` is infinity.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(message, retry_after=math.inf)


class ModelRefused(ModelError):
    """It understood, and will not answer this prompt; another model may."""


class LanguageModel(Protocol):
    """Answers a prompt in a stream."""

    @property
    def name(self) -> str:
        """`vendor:model`, as it is kept with each run."""
        ...

    def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        """The answer as it comes: text deltas and tool calls, then exactly one `Finished`, which is last.

        Only tools of `tools` are called. Calls follow the text that came with them; `Finished.reason` is `TOOLS` when,
        and only when, there were any. Closing the generator early ends the request to the model.

        Raises:
            ModelUnavailable, ModelTimeout, ModelMisconfigured, ModelRefused: at any point, before or after the first
                text.
        """
        ...


class LanguageModels(Protocol):
    """The models that are configured."""

    @property
    def names(self) -> Sequence[str]:
        """What can be chosen, as `vendor:model`, in the order in which they are asked; at least one, each once."""
        ...

    def choose(self, name: str | None) -> LanguageModel:
        """What to ask when the model of this name is wished for; its `name` is that, or the first of `names`.

        What is wished for and no longer configured is left to us, as None is. Others may answer in its place.
        """
        ...
