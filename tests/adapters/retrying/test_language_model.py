import math
from collections.abc import Awaitable, Callable

import pytest
from typing_extensions import override

from adapters.memory.language_model import ScriptedLanguageModel, Step
from adapters.retrying.language_model import RetryingLanguageModel
from application.ports.language_model import (
    Finished,
    LanguageModel,
    ModelError,
    ModelMisconfigured,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    StopReason,
    TextDelta,
)
from domain.prompts import ToolCall
from tests.contracts.language_model import BOOKING_TOOL, QUESTION, FallibleLanguageModelContract, events_of

ANSWER = (TextDelta("It "), TextDelta("costs "), TextDelta("60 €."), Finished(reason=StopReason.END))
CALL = ToolCall(id="call_1", tool=BOOKING_TOOL.name, args={})
DOWN = ModelUnavailable("down")


class Waits(list[float]):
    """Notes each wait, and waits for nothing."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


async def at_once(_: float) -> None:
    """Waits for nothing."""


def retrying(*replies: tuple[Step, ...], sleep: Callable[[float], Awaitable[None]] = at_once) -> LanguageModel:
    return RetryingLanguageModel(ScriptedLanguageModel(*replies), sleep=sleep)


class TestRetrying(FallibleLanguageModelContract):
    @pytest.fixture
    @override
    def answering(self) -> LanguageModel:
        return retrying((DOWN,), ANSWER, ANSWER)

    @pytest.fixture
    @override
    def calling(self) -> LanguageModel:
        return retrying((DOWN,), (CALL, Finished(reason=StopReason.TOOLS)))

    @pytest.fixture(params=[ModelUnavailable, ModelTimeout, ModelMisconfigured, ModelRefused])
    @override
    def failing(self, request: pytest.FixtureRequest) -> tuple[LanguageModel, type[ModelError]]:
        error: type[ModelError] = request.param
        return retrying(*[(error("as scripted"),)] * 3), error

    @pytest.fixture
    @override
    def breaking(self) -> tuple[LanguageModel, type[ModelError]]:
        return retrying((TextDelta("It "), DOWN)), ModelUnavailable


async def waits_of(*errors: ModelError) -> tuple[list[float], bool]:
    """How long was waited before each further try, and whether there was an answer at last."""
    waits = Waits()
    try:
        await events_of(retrying(*[(error,) for error in errors], ANSWER, sleep=waits).stream(QUESTION, ()))
    except ModelError:
        return waits, False
    return waits, True


async def test_it_waits_longer_each_time() -> None:
    assert await waits_of(DOWN, DOWN) == ([0.25, 0.5], True)


async def test_it_gives_up_after_three_tries() -> None:
    assert await waits_of(DOWN, DOWN, DOWN) == ([0.25, 0.5], False)


@pytest.mark.parametrize("seconds", [0, 0.1, 2])
async def test_it_waits_as_long_as_it_is_told(seconds: float) -> None:
    assert await waits_of(ModelUnavailable("later", retry_after=seconds)) == ([seconds], True)


@pytest.mark.parametrize("seconds", [2.1, 3600, math.inf])
async def test_a_long_wait_is_not_waited(seconds: float) -> None:
    assert await waits_of(ModelUnavailable("later", retry_after=seconds)) == ([], False)


@pytest.mark.parametrize("error", [ModelTimeout("slow"), ModelMisconfigured("bad key"), ModelRefused("no")])
async def test_silence_and_refusals_are_final(error: ModelError) -> None:
    assert await waits_of(error) == ([], False)


@pytest.mark.parametrize("event", [TextDelta("It "), CALL])
async def test_nothing_is_repeated_once_something_has_come(event: TextDelta | ToolCall) -> None:
    waits = Waits()

    with pytest.raises(ModelUnavailable):
        await events_of(retrying((event, DOWN), ANSWER, sleep=waits).stream(QUESTION, (BOOKING_TOOL,)))

    assert waits == []


def test_its_name_is_that_of_the_model() -> None:
    assert retrying().name == "scripted:script"
