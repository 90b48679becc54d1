"""What `flightdeck doctor` finds out about what finds texts by their meaning."""

import asyncio
from collections.abc import Callable

from application.ports.embedder import Embedder, EmbedderError, EmbedderMisconfigured
from entrypoints.cli.findings import Finding
from entrypoints.settings.choices import EmbedderKind

_PATIENCE = 60.0  # seconds, in which a model on this machine is loaded, too
_SETTINGS = {
    EmbedderKind.OFFLINE: "EMBEDDER",
    EmbedderKind.OPENAI: "EMBEDDING_BASE_URL, EMBEDDING_MODEL, EMBEDDING_DIMENSIONS and EMBEDDING_API_KEY",
    EmbedderKind.LOCAL: "EMBEDDING_MODEL and EMBEDDING_DIMENSIONS",
}


async def embedder_finding(made: Callable[[], Embedder], kind: EmbedderKind, patience: float = _PATIENCE) -> Finding:
    """Whether it gives a vector; without, what is known is found by its words alone."""
    try:
        embedder = made()
    except ModuleNotFoundError as error:  # it tells which extra to install
        return Finding("embedder", False, str(error))
    try:
        async with asyncio.timeout(patience):
            await embedder.embed(["ready"])
    except EmbedderMisconfigured as error:
        return Finding("embedder", False, f"{embedder.name} refuses. {_sentence(error)} See {_SETTINGS[kind]}.")
    except (EmbedderError, TimeoutError) as error:
        said = _sentence(error) if str(error) else f"It took longer than {patience:g} s."
        return Finding("embedder", False, f"{embedder.name} does not answer. {said} See {_SETTINGS[kind]}.")
    return Finding("embedder", True, embedder.name)


def _sentence(error: Exception) -> str:
    said = " ".join(str(error).split())
    return said if said.endswith((".", "!", "?")) else f"{said}."
