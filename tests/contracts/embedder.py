"""What every embedder promises. A test class per adapter inherits a contract and overrides its fixtures."""

import math

import pytest

from application.ports.embedder import Embedder, EmbedderError
from application.ports.embeddings import DIMENSIONS, Vector

TEXTS = ("A consultation costs 60 €.", "The studio is closed on Sundays.", "", "Bring shoes.", " \n", "\U0001f44d")
ODD = ("\x00", "\ud800", "a" * 50_000, "word " * 30_000, "é" * 10_000, "\U0001f44d\u200d" * 3_000, "\u0301")


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


class EmbedderContract:
    """Each test asks an embedder of its own."""

    @pytest.fixture
    def embedder(self) -> Embedder:
        """Answers everything."""
        raise NotImplementedError

    async def test_each_text_has_a_vector_of_length_one(self, embedder: Embedder) -> None:
        vectors = await embedder.embed(TEXTS)

        assert len(vectors) == len(TEXTS)
        assert {len(vector) for vector in vectors} == {len(vectors[0])}
        assert 0 < len(vectors[0]) <= DIMENSIONS
        assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0] * len(TEXTS), abs=1e-5)

    async def test_vectors_come_in_the_order_of_the_texts(self, embedder: Embedder) -> None:
        there = await embedder.embed(TEXTS[:2])
        back = await embedder.embed(TEXTS[1::-1])

        assert [cosine(one, other) for one, other in zip(there, reversed(back), strict=True)] == pytest.approx([1, 1])
        assert cosine(there[0], there[1]) < 0.99

    async def test_a_text_has_the_same_vector_alone_and_among_others(self, embedder: Embedder) -> None:
        among = await embedder.embed([*TEXTS, *TEXTS])
        alone = [(await embedder.embed([text]))[0] for text in TEXTS]

        assert [cosine(*pair) for pair in zip(among, [*alone, *alone], strict=True)] == pytest.approx([1.0] * 12)

    @pytest.mark.parametrize("number", range(len(ODD)))
    async def test_any_text_is_taken(self, embedder: Embedder, number: int) -> None:
        (vector,) = await embedder.embed([ODD[number]])

        assert math.hypot(*vector) == pytest.approx(1.0, abs=1e-5)

    async def test_no_text_has_no_vector(self, embedder: Embedder) -> None:
        assert list(await embedder.embed([])) == []

    async def test_it_has_a_name_and_a_weight(self, embedder: Embedder) -> None:
        assert embedder.name == embedder.name.strip() != ""
        assert 0 < embedder.weight < math.inf


class FallibleEmbedderContract(EmbedderContract):
    """Of those that may fail."""

    @pytest.fixture
    def failing(self) -> tuple[Embedder, type[EmbedderError]]:
        """Gives no vectors, and the error that says why."""
        raise NotImplementedError

    async def test_a_failure_is_one_of_the_ports_own(self, failing: tuple[Embedder, type[EmbedderError]]) -> None:
        embedder, error = failing

        with pytest.raises(EmbedderError) as raised:
            await embedder.embed(TEXTS[:1])

        assert type(raised.value) is error
        assert str(raised.value)
