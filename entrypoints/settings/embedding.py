"""What each embedder needs."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from entrypoints.settings.choices import EmbedderKind

MODEL = "text-embedding-3-small"
"""What OpenAI's server is asked for, while no model is named."""


def embedder_lacks(values: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each thing that the embedder lacks, from the fields that have values so far."""
    kind = values.get("embedder")
    # What has no field has a fault that is told already.
    model, server = values.get("embedding_model", ""), values.get("embedding_base_url", "")
    if kind is EmbedderKind.LOCAL and model is None:
        yield "EMBEDDING_MODEL is unset; with EMBEDDER=local it takes the path or name of a model."
    if kind is EmbedderKind.LOCAL and model and _is_path(model) and not Path(model).exists():
        yield f"EMBEDDING_MODEL names a path at which there is nothing: {model}. EMBEDDER=local needs a model there."
    if kind is not EmbedderKind.OPENAI:
        return
    if server and model is None:
        yield "EMBEDDING_MODEL is unset; with EMBEDDING_BASE_URL it takes the name of a model of that server."
    keys = (values.get("embedding_api_key", ""), values.get("openai_api_key", ""))
    if server is None and all(key is None for key in keys):
        yield (
            "EMBEDDING_API_KEY and OPENAI_API_KEY are unset; EMBEDDER=openai demands one of them, or "
            "EMBEDDING_BASE_URL for a server that needs no key."
        )


def _is_path(model: str) -> bool:
    """Whether it can be nothing else: `owner/model` is the name of a model that the library finds elsewhere."""
    return bool(re.match(r"[./~\\]|[A-Za-z]:", model))
