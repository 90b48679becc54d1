"""The embedder that the settings name; what it needs is imported, and connections made, once it is asked for."""

from contextlib import AsyncExitStack

from adapters.offline.embedder import OfflineEmbedder
from application.ports.embedder import Embedder
from entrypoints.settings import Settings
from entrypoints.settings.choices import EmbedderKind
from entrypoints.settings.embedding import MODEL


def embedder(settings: Settings, closing: AsyncExitStack) -> Embedder:
    """The configured one; `closing` ends it."""
    match settings.embedder:
        case EmbedderKind.OFFLINE:
            return OfflineEmbedder()
        case EmbedderKind.OPENAI:
            return _asked(settings, closing)
        case EmbedderKind.LOCAL:
            from adapters.sentence_transformers.embedder import SentenceTransformersEmbedder  # noqa: PLC0415 (see above)

            local = SentenceTransformersEmbedder(
                settings.embedding_model or "", dimensions=settings.embedding_dimensions
            )
            closing.push_async_callback(local.aclose)
            return local


def _asked(settings: Settings, closing: AsyncExitStack) -> Embedder:
    from adapters.httpx2.client import vendor_client  # noqa: PLC0415 (see above)
    from adapters.openai.embedder import OpenAIEmbedder  # noqa: PLC0415 (see above)
    from adapters.retrying.embedder import RetryingEmbedder  # noqa: PLC0415 (see above)

    http = vendor_client()
    closing.push_async_callback(http.aclose)
    # Another server than OpenAI's is never sent the key of this one.
    key = settings.openai_api_key if settings.embedding_base_url is None else None
    return RetryingEmbedder(
        OpenAIEmbedder(
            settings.embedding_model or MODEL,
            http=http,
            api_key=settings.embedding_api_key or key,
            base_url=settings.embedding_base_url,
            dimensions=settings.embedding_dimensions,
        )
    )
