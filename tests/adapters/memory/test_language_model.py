import asyncio
from contextlib import aclosing

import pytest
from typing_extensions import override

from adapters.memory.language_model import MemoryLanguageModels, ScriptedLanguageModel, ScriptEnded
from application.ports.language_model import (
    Finished,
    LanguageModel,
    LanguageModels,
    ModelError,
    ModelMisconfigured,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    StopReason,
    TextDelta,
)
from domain.prompts import ToolCall
from tests.contracts.language_model import (
    BOOKING_TOOL,
    QUESTION,
    WISH,
    FallibleLanguageModelContract,
    LanguageModelsContract,
    events_of,
    text_of,
)

END = Finished(reason=StopReason.END)
ANSWER = (TextDelta("It "), TextDelta("costs "), TextDelta("60 €."), END)
CALL = (
    TextDelta("One moment."),
    ToolCall(id="call_1", tool=BOOKING_TOOL.name, args={}),
    Finished(reason=StopReason.TOOLS),
)


class TestScripted(FallibleLanguageModelContract):
    @pytest.fixture
    @override
    def answering(self) -> LanguageModel:
        return ScriptedLanguageModel(ANSWER, ANSWER)

    @pytest.fixture
    @override
    def calling(self) -> LanguageModel:
        return ScriptedLanguageModel(CALL)

    @pytest.fixture(params=[ModelUnavailable, ModelTimeout, ModelMisconfigured, ModelRefused])
    @override
    def failing(self, request: pytest.FixtureRequest) -> tuple[LanguageModel, type[ModelError]]:
        error: type[ModelError] = request.param
        return ScriptedLanguageModel([error("as scripted")]), error

    @pytest.fixture
    @override
    def breaking(self) -> tuple[LanguageModel, type[ModelError]]:
        return ScriptedLanguageModel([TextDelta("It "), ModelUnavailable("as scripted")]), ModelUnavailable


async def test_the_prompts_and_tools_seen_are_kept_in_order() -> None:
    model = ScriptedLanguageModel(ANSWER, CALL)

    await events_of(model.stream(QUESTION, ()))
    await events_of(model.stream(WISH, [BOOKING_TOOL]))

    assert model.prompts == [QUESTION, WISH]
    assert model.tools == [(), (BOOKING_TOOL,)]


async def test_a_script_that_ends_says_so() -> None:
    model = ScriptedLanguageModel(ANSWER)
    await events_of(model.stream(QUESTION, ()))

    with pytest.raises(ScriptEnded, match="no reply to call 2"):
        model.stream(QUESTION, ())


async def test_a_pause_holds_the_answer_until_it_is_set() -> None:
    pause = asyncio.Event()
    model = ScriptedLanguageModel([TextDelta("It "), pause, TextDelta("costs 60 €."), END])

    async with aclosing(model.stream(QUESTION, ())) as stream:
        assert await anext(stream) == TextDelta("It ")
        held = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        assert not held.done()
        pause.set()
        assert await held == TextDelta("costs 60 €.")


async def test_an_answer_closed_midway_is_counted() -> None:
    model = ScriptedLanguageModel(ANSWER, ANSWER)
    stream = model.stream(QUESTION, ())
    await anext(stream)

    await stream.aclose()
    whole = await events_of(model.stream(QUESTION, ()))

    assert model.closed == 1
    assert text_of(whole) == "It costs 60 €."


async def test_an_answer_cancelled_in_a_pause_is_counted_as_closed() -> None:
    model = ScriptedLanguageModel([asyncio.Event(), END])
    task = asyncio.create_task(events_of(model.stream(QUESTION, ())))
    await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert model.closed == 1


async def test_a_scripted_failure_is_not_an_answer_closed_early() -> None:
    model = ScriptedLanguageModel([ModelRefused("as scripted")])

    with pytest.raises(ModelRefused):
        await events_of(model.stream(QUESTION, ()))

    assert model.closed == 0


def test_its_name_can_be_set() -> None:
    assert ScriptedLanguageModel(name="vendor:small").name == "vendor:small"


class TestModels(LanguageModelsContract):
    @pytest.fixture
    @override
    def models(self) -> LanguageModels:
        names = [f"vendor:{number}" for number in ("one", "two", "three")]
        return MemoryLanguageModels(*(ScriptedLanguageModel((TextDelta(name), END), name=name) for name in names))
