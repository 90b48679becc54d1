import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from adapters.memory.embedder import ScriptedEmbedder, Step
from application.ports.embedder import Embedder, EmbedderMisconfigured, EmbedderUnavailable
from application.ports.embeddings import DIMENSIONS
from entrypoints.cli.embedder_findings import embedder_finding
from entrypoints.container.embedders import embedder
from entrypoints.settings import load
from entrypoints.settings.choices import EmbedderKind
from tests.wire import openai as wire
from tests.wire.embeddings import EmbeddingServer, answer
from tests.wire.server import Reply, refusing

OPENAIS = "See EMBEDDING_BASE_URL, EMBEDDING_MODEL, EMBEDDING_DIMENSIONS and EMBEDDING_API_KEY."


async def found(url: str, **given: str) -> tuple[bool | None, str]:
    """What is found of an embedder at `url`, without its name."""
    environ = {"EMBEDDER": "openai", "EMBEDDING_BASE_URL": f"{url}/v1", "EMBEDDING_MODEL": "theirs"} | given
    settings = load(environ, None)
    async with AsyncExitStack() as closing:
        made = embedder(settings, closing)
        finding = await embedder_finding(lambda: made, settings.embedder)
        assert finding.words.startswith(made.name)
        return finding.well, finding.words.removeprefix(made.name)


async def test_an_embedder_that_answers_is_named() -> None:
    async with EmbeddingServer() as server:
        assert await found(server.url) == (True, "")


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (
            wire.refused(401, "Incorrect API key.", code="invalid_api_key"),
            "Its API key is missing or not valid: Error code: 401 - Incorrect API key.",
        ),
        (
            wire.refused(404, "No such model", code="model_not_found"),
            "It knows no model of this name, or its address is wrong: Error code: 404 - No such model.",
        ),
        (
            answer([[1.0] * 3_072]),
            (
                f"Its vectors have 3072 numbers, and up to {DIMENSIONS} are taken: set EMBEDDING_DIMENSIONS, if the "
                "model lets us choose, or another model."
            ),
        ),
    ],
    ids=["key", "model", "dimensions"],
)
async def test_one_that_refuses_is_told_with_what_to_mend(reply: Reply, said: str) -> None:
    async with EmbeddingServer(refuses=lambda _: reply) as server:
        assert await found(server.url) == (False, f" refuses. {said} {OPENAIS}")


async def test_one_that_is_not_there_does_not_answer() -> None:
    well, words = await found(await refusing())

    assert well is False
    assert words.startswith(" does not answer. The connection failed: ")
    assert words.endswith(OPENAIS)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (EmbedderMisconfigured("No\nmodel here"), "a:b refuses. No model here. See EMBEDDING_MODEL and"),
        (EmbedderUnavailable("Out of memory."), "a:b does not answer. Out of memory. See EMBEDDING_MODEL and"),
        (asyncio.Event(), "a:b does not answer. It took longer than 0 s. See EMBEDDING_MODEL and"),
    ],
    ids=["refuses", "unavailable", "slow"],
)
async def test_of_a_model_here_other_settings_are_to_be_seen(step: Step, words: str) -> None:
    scripted = ScriptedEmbedder(step, name="a:b")

    finding = await embedder_finding(lambda: scripted, EmbedderKind.LOCAL, patience=0)

    assert (finding.well, finding.words) == (False, f"{words} EMBEDDING_DIMENSIONS.")


async def test_an_extra_that_is_not_installed_is_told() -> None:
    def made(*_: Any) -> Embedder:
        raise ModuleNotFoundError("It needs an extra: install 'flightdeck[openai]'.")

    finding = await embedder_finding(made, EmbedderKind.OPENAI)

    assert (finding.well, finding.words) == (False, "It needs an extra: install 'flightdeck[openai]'.")
