import asyncio
from collections.abc import Iterator, Sequence
from itertools import count

import pytest
from prometheus_client import CollectorRegistry
from typing_extensions import override

from adapters.memory.language_model import ScriptedLanguageModel, Step
from adapters.metered.language_model import MeteredLanguageModel, ModelMetrics
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

ANSWER = (
    TextDelta("It "),
    TextDelta("costs "),
    TextDelta("60 €."),
    Finished(reason=StopReason.END, input_tokens=31, output_tokens=7),
)
CALL = (ToolCall(id="call_1", tool=BOOKING_TOOL.name, args={}), Finished(reason=StopReason.TOOLS))
LABELS = {"model": "vendor:small"}


class Meter:
    """A registry of its own, and a clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._metrics = ModelMetrics(self.registry)
        self._seconds: Iterator[int] = count()

    def model(self, *replies: Sequence[Step]) -> LanguageModel:
        scripted = ScriptedLanguageModel(*replies, name="vendor:small")
        return MeteredLanguageModel(scripted, self._metrics, now=lambda: float(next(self._seconds)))

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"language_model_{name}", LABELS | labels)


class TestMetered(FallibleLanguageModelContract):
    @pytest.fixture
    @override
    def answering(self) -> LanguageModel:
        return Meter().model(ANSWER, ANSWER)

    @pytest.fixture
    @override
    def calling(self) -> LanguageModel:
        return Meter().model(CALL)

    @pytest.fixture(params=[ModelUnavailable, ModelTimeout, ModelMisconfigured, ModelRefused])
    @override
    def failing(self, request: pytest.FixtureRequest) -> tuple[LanguageModel, type[ModelError]]:
        error: type[ModelError] = request.param
        return Meter().model([error("as scripted")]), error

    @pytest.fixture
    @override
    def breaking(self) -> tuple[LanguageModel, type[ModelError]]:
        return Meter().model([TextDelta("It "), ModelUnavailable("as scripted")]), ModelUnavailable


async def test_an_answer_its_tokens_and_its_times_are_counted() -> None:
    meter = Meter()

    await events_of(meter.model(ANSWER).stream(QUESTION, ()))

    assert meter.value("answers_total", outcome="end") == 1
    assert meter.value("tokens_total", direction="input") == 31
    assert meter.value("tokens_total", direction="output") == 7
    assert (meter.value("first_text_seconds_count"), meter.value("first_text_seconds_sum")) == (1, 1)
    assert (meter.value("answer_duration_seconds_count"), meter.value("answer_duration_seconds_sum")) == (1, 2)


async def test_an_answer_without_text_has_no_time_to_the_first() -> None:
    meter = Meter()

    await events_of(meter.model(CALL).stream(QUESTION, ()))

    assert meter.value("answers_total", outcome="tools") == 1
    assert meter.value("first_text_seconds_count") is None
    assert meter.value("answer_duration_seconds_count") == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ModelUnavailable("x"), "unavailable"),
        (ModelTimeout("x"), "timeout"),
        (ModelMisconfigured("x"), "misconfigured"),
        (ModelRefused("x"), "refused"),
        (ModelError("x"), "error"),
    ],
)
async def test_failures_are_counted_by_their_kind(error: ModelError, outcome: str) -> None:
    meter = Meter()

    with pytest.raises(type(error)):
        await events_of(meter.model([TextDelta("It "), error]).stream(QUESTION, ()))

    assert meter.value("answers_total", outcome=outcome) == 1
    assert meter.value("answer_duration_seconds_count") == 1


async def test_an_answer_closed_early_is_counted_as_closed() -> None:
    meter = Meter()
    stream = meter.model(ANSWER).stream(QUESTION, ())
    await anext(stream)

    await stream.aclose()

    assert meter.value("answers_total", outcome="closed") == 1


async def test_an_answer_cancelled_is_counted_as_closed() -> None:
    meter = Meter()
    task = asyncio.create_task(events_of(meter.model([asyncio.Event()]).stream(QUESTION, ())))
    await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert meter.value("answers_total", outcome="closed") == 1


async def test_models_of_one_process_share_their_metrics() -> None:
    meter = Meter()

    for _ in range(2):
        await events_of(meter.model(ANSWER).stream(QUESTION, ()))

    assert meter.value("answers_total", outcome="end") == 2
