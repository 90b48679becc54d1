import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from opentelemetry.trace import INVALID_SPAN_CONTEXT, NonRecordingSpan, NoOpTracer, SpanKind, Status, StatusCode
from typing_extensions import override

from adapters.memory.language_model import ScriptedLanguageModel, Step
from adapters.opentelemetry.language_model import TracedLanguageModel
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
BEGUN = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "vendor",
    "gen_ai.request.model": "small",
    "flightdeck.prompt.version": "test",
}


class KeptSpan(NonRecordingSpan):
    """A span that keeps what it is told."""

    def __init__(self, name: str, kind: SpanKind, attributes: dict[str, Any]) -> None:
        super().__init__(INVALID_SPAN_CONTEXT)
        self.name, self.kind, self.attributes = name, kind, dict(attributes)
        self.events: list[str] = []
        self.status: Status | None = None
        self.ends = 0

    @override
    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    @override
    def add_event(self, name: str, *_: Any, **__: Any) -> None:
        self.events.append(name)

    @override
    def set_status(self, status: Any, description: str | None = None) -> None:
        self.status = status

    @override
    def end(self, end_time: int | None = None) -> None:
        self.ends += 1


class KeepingTracer(NoOpTracer):
    """A tracer that keeps its spans, in the order in which they began."""

    def __init__(self) -> None:
        self.spans: list[KeptSpan] = []

    @override
    def start_span(
        self, name: str, *_: Any, kind: SpanKind = SpanKind.INTERNAL, attributes: Any = None, **__: Any
    ) -> Any:
        self.spans.append(KeptSpan(name, kind, attributes))
        return self.spans[-1]


def traced(*replies: Sequence[Step], tracer: KeepingTracer | None = None) -> LanguageModel:
    return TracedLanguageModel(ScriptedLanguageModel(*replies, name="vendor:small"), tracer or KeepingTracer())


class TestTraced(FallibleLanguageModelContract):
    @pytest.fixture
    @override
    def answering(self) -> LanguageModel:
        return traced(ANSWER, ANSWER)

    @pytest.fixture
    @override
    def calling(self) -> LanguageModel:
        return traced(CALL)

    @pytest.fixture(params=[ModelUnavailable, ModelTimeout, ModelMisconfigured, ModelRefused])
    @override
    def failing(self, request: pytest.FixtureRequest) -> tuple[LanguageModel, type[ModelError]]:
        error: type[ModelError] = request.param
        return traced([error("as scripted")]), error

    @pytest.fixture
    @override
    def breaking(self) -> tuple[LanguageModel, type[ModelError]]:
        return traced([TextDelta("It "), ModelUnavailable("as scripted")]), ModelUnavailable


async def span_of(*steps: Step) -> KeptSpan:
    tracer = KeepingTracer()
    with suppress(ModelError):
        await events_of(traced(steps, tracer=tracer).stream(QUESTION, ()))
    (span,) = tracer.spans
    return span


async def test_an_answer_is_a_span() -> None:
    span = await span_of(*ANSWER)

    assert (span.name, span.kind, span.ends) == ("chat small", SpanKind.CLIENT, 1)
    assert span.attributes == BEGUN | {
        "gen_ai.response.finish_reasons": ["end"],
        "gen_ai.usage.input_tokens": 31,
        "gen_ai.usage.output_tokens": 7,
    }
    assert span.events == ["first_text"]
    assert span.status is None


async def test_an_answer_without_text_or_counts_has_neither() -> None:
    span = await span_of(*CALL)

    assert span.attributes == BEGUN | {"gen_ai.response.finish_reasons": ["tools"]}
    assert span.events == []


async def test_a_failure_is_in_its_span() -> None:
    span = await span_of(TextDelta("It "), ModelTimeout("silent"))

    assert span.attributes == BEGUN | {"error.type": "ModelTimeout"}
    assert span.status
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert span.ends == 1


async def test_an_answer_closed_early_ends_its_span() -> None:
    tracer = KeepingTracer()
    stream = traced(ANSWER, tracer=tracer).stream(QUESTION, ())
    await anext(stream)

    await stream.aclose()

    assert [span.ends for span in tracer.spans] == [1]


def test_without_its_extra_it_says_which_to_install() -> None:
    script = "import sys; sys.modules['opentelemetry.trace'] = None; import adapters.opentelemetry.language_model"

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)  # noqa: S603 (ours)

    assert "install 'flightdeck[opentelemetry]'" in ended.stderr
