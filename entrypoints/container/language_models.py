"""The models that the settings name, each behind what cuts across them all."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from adapters.fallback.language_model import FallbackLanguageModels
from adapters.metered.language_model import MeteredLanguageModel, ModelMetrics
from adapters.offline.language_model import OfflineLanguageModel
from adapters.retrying.language_model import RetryingLanguageModel
from application.ports.language_model import LanguageModel, LanguageModels
from domain.models import ModelName, Vendor
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from httpx2 import AsyncClient


def language_models(settings: Settings, metrics: CollectorRegistry, closing: AsyncExitStack) -> LanguageModels:
    """The configured models; vendors' SDKs are imported, and connections made, once the first is asked."""
    return FallbackLanguageModels(
        [str(name) for name in settings.llm_chain],
        lambda: _made(settings, ModelMetrics(metrics), closing),
        first_token_timeout=settings.llm_first_token_timeout.total_seconds(),
    )


def _made(settings: Settings, metrics: ModelMetrics, closing: AsyncExitStack) -> Sequence[LanguageModel]:
    if all(name.vendor is Vendor.OFFLINE for name in settings.llm_chain):
        return [OfflineLanguageModel()]
    from adapters.httpx2.client import vendor_client  # noqa: PLC0415 (an extra, imported only when configured)

    http = vendor_client(silence=settings.llm_silence_timeout.total_seconds())
    closing.push_async_callback(http.aclose)
    models = [_vendor_model(name, settings, http) for name in settings.llm_chain]
    # Each try is counted and traced, since each is a request of its own to the vendor.
    return [RetryingLanguageModel(MeteredLanguageModel(model, metrics)) for model in _traced(models, settings, closing)]


def _traced(models: Sequence[LanguageModel], settings: Settings, closing: AsyncExitStack) -> Sequence[LanguageModel]:
    if settings.otel_exporter_otlp_endpoint is None:
        return models
    from adapters.opentelemetry.language_model import TracedLanguageModel  # noqa: PLC0415 (the same)
    from adapters.opentelemetry.tracing import Tracing  # noqa: PLC0415 (the same)

    tracing = Tracing(settings.otel_exporter_otlp_endpoint, service=settings.otel_service_name)
    closing.push_async_callback(tracing.aclose)
    return [TracedLanguageModel(model, tracing.tracer) for model in models]


def _vendor_model(name: ModelName, settings: Settings, http: "AsyncClient") -> LanguageModel:
    match name.vendor:
        case Vendor.OFFLINE:
            return OfflineLanguageModel()
        case Vendor.ANTHROPIC:
            from adapters.anthropic.language_model import AnthropicLanguageModel  # noqa: PLC0415 (the same)

            key = settings.anthropic_api_key or ""
            return AnthropicLanguageModel(
                name.model,
                http=http,
                api_key=key,
                base_url=settings.anthropic_base_url,
                max_tokens=settings.llm_max_tokens,
            )
        case Vendor.OPENAI | Vendor.GROQ:
            from adapters.openai.language_model import OpenAILanguageModel  # noqa: PLC0415 (the same)

            ours = name.vendor is Vendor.OPENAI
            return OpenAILanguageModel(
                name.vendor,
                name.model,
                http=http,
                api_key=settings.openai_api_key if ours else settings.groq_api_key,
                base_url=settings.llm_base_url if ours else settings.groq_base_url,
                temperature=settings.model_temperature,
            )
