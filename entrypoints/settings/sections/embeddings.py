from dataclasses import dataclass
from typing import Annotated

from application.ports.embeddings import DIMENSIONS
from entrypoints.settings import kinds
from entrypoints.settings.choices import EmbedderKind
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Embeddings:
    """What finds texts by their meaning. A change has all that is known embedded anew, while searches go on."""

    embedder: Annotated[
        EmbedderKind,
        Setting(
            effect="What finds texts by their meaning: offline knows few synonyms and needs nothing; openai asks a "
            "server, of OpenAI or EMBEDDING_BASE_URL; local runs a model here. The last two need the extras "
            "flightdeck[openai] and flightdeck[local-embedder].",
            kind=kinds.choice(EmbedderKind),
            default="offline",
        ),
    ]
    embedding_model: Annotated[
        str | None,
        Setting(
            effect="The model of EMBEDDER=openai, while unset text-embedding-3-small, or of local, by path or name.",
            kind=kinds.EMBEDDING_MODEL,
        ),
    ]
    embedding_dimensions: Annotated[
        int | None,
        Setting(
            effect="How many numbers a vector has, for models that let us choose; while unset as many as the model "
            "gives.",
            kind=kinds.whole(1, DIMENSIONS),
        ),
    ]
    embedding_base_url: Annotated[
        str | None,
        Setting(
            effect="Another server that speaks as OpenAI's, for EMBEDDER=openai, such as Ollama or vLLM.",
            kind=kinds.MODEL_SERVER,
        ),
    ]
    embedding_api_key: Annotated[
        str | None,
        Setting(
            effect="The key for EMBEDDER=openai; while unset OPENAI_API_KEY, which EMBEDDING_BASE_URL is never sent.",
            kind=kinds.API_KEY,
            secret=True,
        ),
    ]
