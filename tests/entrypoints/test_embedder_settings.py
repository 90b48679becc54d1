from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.circuit_breaking.embedder import CircuitBreakingEmbedder
from adapters.offline.embedder import OfflineEmbedder
from adapters.retrying.embedder import RetryingEmbedder
from application.ports.embedder import Embedder
from entrypoints.container import unconnected
from entrypoints.container.embedders import embedder
from entrypoints.settings import SettingsError, load
from tests.wire.embeddings import EmbeddingServer

HERE = Path(__file__).parent
NO_KEY = (
    "EMBEDDING_API_KEY and OPENAI_API_KEY are unset; EMBEDDER=openai demands one of them, or EMBEDDING_BASE_URL for a "
    "server that needs no key."
)
NO_LOCAL_MODEL = "EMBEDDING_MODEL is unset; with EMBEDDER=local it takes the path or name of a model."
NOTHING_THERE = "EMBEDDING_MODEL names a path at which there is nothing: {}. EMBEDDER=local needs a model there."
NO_MODEL_OF_THEIRS = "EMBEDDING_MODEL is unset; with EMBEDDING_BASE_URL it takes the name of a model of that server."
OPENAI = {"EMBEDDER": "openai"}
SERVER = {**OPENAI, "EMBEDDING_BASE_URL": "http://localhost:11434/v1"}
WRONG = "EMBEDDING_BASE_URL takes an address with its version, such as http://localhost:11434/v1; it got 'here'."


def made(closing: AsyncExitStack, given: Mapping[str, str]) -> Embedder:
    return embedder(load(given, None), closing)


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        (OPENAI, [NO_KEY]),
        (SERVER, [NO_MODEL_OF_THEIRS]),
        ({"EMBEDDER": "local"}, [NO_LOCAL_MODEL]),
        ({"EMBEDDER": "local", "EMBEDDING_MODEL": "/no/model"}, [NOTHING_THERE.format("/no/model")]),
        ({"EMBEDDER": "local", "EMBEDDING_MODEL": "./no-model"}, [NOTHING_THERE.format("./no-model")]),
        ({"EMBEDDER": "local", "EMBEDDING_MODEL": "~/no-model"}, [NOTHING_THERE.format("~/no-model")]),
        ({**OPENAI, "EMBEDDING_BASE_URL": "here"}, [WRONG]),
    ],
)
def test_what_an_embedder_lacks_is_a_sentence(given: Mapping[str, str], sentences: list[str]) -> None:
    with pytest.raises(SettingsError) as refusal:
        load(given, None)
    assert list(refusal.value.faults) == sentences


@pytest.mark.parametrize(
    "given",
    [
        {},
        {**OPENAI, "OPENAI_API_KEY": "sk-1"},
        {**OPENAI, "EMBEDDING_API_KEY": "sk-1"},
        {**SERVER, "EMBEDDING_MODEL": "nomic"},
        {"EMBEDDER": "local", "EMBEDDING_MODEL": "minilm"},
        {"EMBEDDER": "local", "EMBEDDING_MODEL": "somebody/minilm"},
        {"EMBEDDER": "local", "EMBEDDING_MODEL": str(HERE)},
        {**OPENAI, "OPENAI_API_KEY": "sk-1", "EMBEDDING_MODEL": "/as/their/server/calls/it"},
        {"EMBEDDING_BASE_URL": "http://localhost:11434/v1"},
    ],
)
def test_what_is_enough_is_taken(given: Mapping[str, str]) -> None:
    assert load(given, None).embedder == given.get("EMBEDDER", "offline")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({**OPENAI, "OPENAI_API_KEY": "sk-1"}, "openai:text-embedding-3-small"),
        (
            {**OPENAI, "OPENAI_API_KEY": "sk-1", "EMBEDDING_MODEL": "large", "EMBEDDING_DIMENSIONS": "1024"},
            "openai:large/1024",
        ),
        ({"EMBEDDER": "local", "EMBEDDING_MODEL": str(HERE)}, f"local:{HERE}"),
        ({"EMBEDDER": "local", "EMBEDDING_MODEL": "mrl", "EMBEDDING_DIMENSIONS": "256"}, "local:mrl/256"),
    ],
)
async def test_the_embedder_is_the_one_that_is_set(given: dict[str, str], name: str) -> None:
    async with AsyncExitStack() as closing:
        assert made(closing, given).name == name


async def test_without_settings_it_is_the_embedded_one() -> None:
    async with AsyncExitStack() as closing:
        assert isinstance(made(closing, {}), OfflineEmbedder)


def test_those_who_wait_for_a_search_are_spared_an_embedder_that_is_away_and_jobs_are_not() -> None:
    container = unconnected()
    searching = container.knowledge().retrieve().embedder

    assert isinstance(searching, CircuitBreakingEmbedder)
    assert container.conversations().retrieve().embedder is searching
    assert isinstance(container.knowledge().embed_passages().embedder, OfflineEmbedder)


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        ({"OPENAI_API_KEY": "sk-of-openai"}, None),
        ({"OPENAI_API_KEY": "sk-of-openai", "EMBEDDING_API_KEY": "sk-theirs"}, "Bearer sk-theirs"),
    ],
)
async def test_another_server_is_never_sent_the_key_of_openai(keys: dict[str, str], sent: str | None) -> None:
    async with AsyncExitStack() as closing:
        server = await closing.enter_async_context(EmbeddingServer())
        given = {**OPENAI, **keys, "EMBEDDING_BASE_URL": f"{server.url}/v1", "EMBEDDING_MODEL": "theirs"}
        asked = made(closing, given)
        assert isinstance(asked, RetryingEmbedder)
        await asked.embed(["One."])
        assert server.requests[0].headers.get("authorization") == sent
        assert server.requests[0].body["model"] == "theirs"
