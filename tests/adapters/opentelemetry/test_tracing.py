"""Spans as a collector on loopback gets them."""

import subprocess
import sys

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status

from adapters.memory.language_model import ScriptedLanguageModel, Step
from adapters.opentelemetry.language_model import TracedLanguageModel
from adapters.opentelemetry.tracing import Tracing
from application.ports.language_model import Finished, StopReason, TextDelta
from tests.contracts.language_model import FACT, QUESTION, events_of
from tests.wire.server import END, Reply, Server, Then, head, refusing

TAKEN: Reply = (head(kind="application/x-protobuf"), END)
ANSWER = (TextDelta("It costs 60 €."), Finished(reason=StopReason.END, input_tokens=31, output_tokens=7))


async def traced(url: str, *reply: Step) -> Tracing:
    """What traced one answer, which a collector at `url` is to be sent."""
    tracing = Tracing(url, service="desk")
    await events_of(
        TracedLanguageModel(ScriptedLanguageModel(reply, name="vendor:small"), tracing.tracer).stream(QUESTION, ())
    )
    return tracing


def sent(server: Server) -> ResourceSpans:
    (request,) = server.requests
    spans: ResourceSpans
    (spans,) = ExportTraceServiceRequest.FromString(request.body).resource_spans
    return spans


def span_of(spans: ResourceSpans) -> Span:
    span: Span
    ((span,),) = [scope.spans for scope in spans.scope_spans]
    return span


def told(attributes: list[KeyValue]) -> dict[str, object]:
    return {
        pair.key: [value.string_value for value in pair.value.array_value.values]
        or pair.value.string_value
        or pair.value.int_value
        for pair in attributes
    }


async def test_an_answer_reaches_the_collector_when_the_traces_are_closed() -> None:
    async with Server(TAKEN) as server:
        tracing = await traced(server.url, *ANSWER)

        await tracing.aclose()

        spans = sent(server)
        span = span_of(spans)
        assert server.requests[0].path == "/v1/traces"
        assert server.requests[0].headers["content-type"] == "application/x-protobuf"
        assert told(list(spans.resource.attributes))["service.name"] == "desk"
        assert (span.name, span.kind, span.status.code) == (
            "chat small",
            Span.SPAN_KIND_CLIENT,
            Status.STATUS_CODE_UNSET,
        )
        assert told(list(span.attributes)) == {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "vendor",
            "gen_ai.request.model": "small",
            "gen_ai.response.finish_reasons": ["end"],
            "gen_ai.usage.input_tokens": 31,
            "gen_ai.usage.output_tokens": 7,
            "flightdeck.prompt.version": "test",
        }


async def test_nothing_of_what_was_asked_and_answered_is_sent() -> None:
    async with Server(TAKEN) as server:
        await (await traced(server.url, *ANSWER)).aclose()

        body: bytes = server.requests[0].body
        for text in ("What does a consultation cost?", "It costs", FACT, QUESTION.instructions):
            assert text.encode() not in body


async def test_a_collector_that_is_gone_harms_neither_answers_nor_the_end() -> None:
    tracing = Tracing(await refusing(), service="desk")
    model = TracedLanguageModel(ScriptedLanguageModel(ANSWER, name="vendor:small"), tracing.tracer)

    assert await events_of(model.stream(QUESTION, ())) == list(ANSWER)
    await tracing.aclose(patience=0.1)


async def test_a_collector_that_hangs_is_not_waited_for_longer_than_said() -> None:
    async with Server((Then.HANG,)) as server:
        await (await traced(server.url, *ANSWER)).aclose(patience=0.1)

        assert not server.gone.is_set()


def test_without_its_extra_it_says_which_to_install() -> None:
    script = "import sys; sys.modules['opentelemetry.sdk.trace'] = None; import adapters.opentelemetry.tracing"

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)  # noqa: S603 (ours)

    assert "install 'flightdeck[opentelemetry]'" in ended.stderr
