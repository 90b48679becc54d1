from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from typing_extensions import override

from application.ports.language_model import (
    Finished,
    LanguageModel,
    ModelError,
    ModelEvent,
    ModelMisconfigured,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    TextDelta,
)
from domain.prompts import Prompt, Tool

_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 180)
_FAILURES: tuple[tuple[type[ModelError], str], ...] = (
    (ModelTimeout, "timeout"),
    (ModelMisconfigured, "misconfigured"),
    (ModelUnavailable, "unavailable"),
    (ModelRefused, "refused"),
    (ModelError, "error"),
)


class ModelMetrics:
    """What Prometheus reads of language models; one for each registry, shared by all of a process's models."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.answers = Counter(
            "language_model_answers",
            "Answers asked for, by how they ended: a stop reason, timeout, unavailable, misconfigured, refused, or "
            "closed by us.",
            ("model", "outcome"),
            registry=registry,
        )
        self.first_text = Histogram(
            "language_model_first_text_seconds",
            "Time from asking to the first text.",
            ("model",),
            registry=registry,
            buckets=_BUCKETS,
        )
        self.duration = Histogram(
            "language_model_answer_duration_seconds",
            "Time from asking to the end of the answer, however it ended.",
            ("model",),
            registry=registry,
            buckets=_BUCKETS,
        )
        self.tokens = Counter(
            "language_model_tokens",
            "Tokens counted by the models, read (input) or written (output).",
            ("model", "direction"),
            registry=registry,
        )


class MeteredLanguageModel(LanguageModel):
    """Counts a model's answers, their tokens and how long they took, and changes nothing.

    Args:
        model: the model to ask.
        metrics: where it is counted.
        now: a clock in seconds that never goes back.
    """

    def __init__(self, model: LanguageModel, metrics: ModelMetrics, *, now: Callable[[], float] = perf_counter) -> None:
        self._model = model
        self._metrics = metrics
        self._now = now

    @property
    @override
    def name(self) -> str:
        return self._model.name

    @override
    async def stream(self, prompt: Prompt, tools: Sequence[Tool]) -> AsyncGenerator[ModelEvent, None]:
        started, silent, outcome = self._now(), True, "closed"
        try:
            async with aclosing(self._model.stream(prompt, tools)) as events:
                async for event in events:
                    if silent and isinstance(event, TextDelta):
                        silent = False
                        self._metrics.first_text.labels(self.name).observe(self._now() - started)
                    if isinstance(event, Finished):
                        outcome = str(event.reason)
                        self._count(event)
                    yield event
        except ModelError as error:
            outcome = next(name for kind, name in _FAILURES if isinstance(error, kind))
            raise
        finally:
            self._metrics.answers.labels(self.name, outcome).inc()
            self._metrics.duration.labels(self.name).observe(self._now() - started)

    def _count(self, finished: Finished) -> None:
        for direction, tokens in (("input", finished.input_tokens), ("output", finished.output_tokens)):
            self._metrics.tokens.labels(self.name, direction).inc(tokens or 0)
