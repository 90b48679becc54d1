from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from typing_extensions import override

try:
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "Traces need an extra: install 'flightdeck[opentelemetry]'.", name="opentelemetry"
    ) from error

from application.ports.language_model import Finished, LanguageModel, ModelError, ModelEvent, TextDelta
from domain.prompts import Prompt, Tool


class TracedLanguageModel(LanguageModel):
    """Makes a span of each request to a model, and changes nothing.

    Names and attributes are OpenTelemetry's semantic conventions for generative AI. What was asked and said is no part
    of them.

    Args:
        model: the model to ask.
        tracer: from the OpenTelemetry SDK.
    """

    def __init__(self, model: LanguageModel, tracer: Tracer) -> None:
        self._model = model
        self._tracer = tracer

    @property
    @override
    def name(self) -> str:
        return self._model.name

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        span = self._begun(prompt)
        silent = True
        # The span is not made the current one: whoever reads an answer may go on in another context.
        try:
            async with aclosing(self._model.stream(prompt, tools)) as events:
                async for event in events:
                    if silent and isinstance(event, TextDelta):
                        silent = False
                        span.add_event("first_text")
                    if isinstance(event, Finished):
                        _finish(span, event)
                    yield event
        except ModelError as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))  # vendors quote the prompt in their complaints
            raise
        finally:
            span.end()

    def _begun(self, prompt: Prompt) -> Span:
        vendor, _, model = self.name.partition(":")
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": vendor,
            "gen_ai.request.model": model,
            "flightdeck.prompt.version": prompt.version,
        }
        return self._tracer.start_span(f"chat {model}", kind=SpanKind.CLIENT, attributes=attributes)


def _finish(span: Span, finished: Finished) -> None:
    span.set_attribute("gen_ai.response.finish_reasons", [str(finished.reason)])
    for direction, tokens in (("input", finished.input_tokens), ("output", finished.output_tokens)):
        if tokens is not None:
            span.set_attribute(f"gen_ai.usage.{direction}_tokens", tokens)
