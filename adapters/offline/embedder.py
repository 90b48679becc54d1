import asyncio
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import fsum, sqrt

from typing_extensions import override

from adapters.offline import features
from adapters.offline.senses import TABLES
from application.ports.embedder import Embedder
from application.ports.embeddings import DIMENSIONS, Vector

LONGEST_TEXT = 20_000
"""Characters of a text that count."""
_SMALL = 4_000
_VERSION = 1
Weighed = tuple[int, float]
"""A direction, and how far to go in it; backwards when it is negative."""


class OfflineEmbedder(Embedder):
    """Lays texts close together that share words, inflections, stems, runs of characters, or words of like meaning.

    The features of a text are weighed by fixed tables, since no corpus is asked, and hashed into `DIMENSIONS` with a
    sign each: K. Weinberger, A. Dasgupta, J. Langford, A. Smola and J. Attenberg, "Feature Hashing for Large Scale
    Multitask Learning", ICML 2009, equation 2. The same text has the same vector in each process and on each machine.
    It knows the synonyms of its own small table, and none besides.

    Its name changes with whatever changes its vectors.
    """

    @property
    @override
    def name(self) -> str:
        return f"offline:{_state()}"

    @property
    @override
    def weight(self) -> float:
        return 0.7

    @override
    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        if sum(map(len, texts)) <= _SMALL:
            return [embedded(text) for text in texts]
        return await asyncio.to_thread(lambda: [embedded(text) for text in texts])


def embedded(text: str) -> Vector:
    """The vector of `text`."""
    text = text[:LONGEST_TEXT]
    said = features.words_of(text)
    if not said:
        return direction(_hashed(f"c{character}", 1.0) for character in "".join(text.split()))
    return direction(_of_said(text, said))


def _of_said(text: str, said: Sequence[str]) -> Iterator[Weighed]:
    tongues = features.tongues_of(said)
    for word, times in Counter(said).items():
        often = sqrt(times)
        for place, weight in zip(*_of_word(word, tongues), strict=True):
            yield place, weight * often
    for name, weight in features.of_pairs(said, tongues):
        yield _hashed(name, weight)
    for name, weight in features.of_concepts(text, said, tongues):
        yield _hashed(name, weight)


@lru_cache(maxsize=16_384)
def _of_word(word: str, tongues: tuple[str, ...]) -> tuple["array[int]", "array[float]"]:
    """Where the features of a word lead, and how far; in arrays, which hold it in a tenth of the memory."""
    weighed = [_hashed(name, weight) for name, weight in features.of_word(word, tongues)]
    return array("H", (place for place, _ in weighed)), array("d", (weight for _, weight in weighed))


def _hashed(name: str, weight: float) -> Weighed:
    number = int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    place, sign = divmod(number, 2)
    return place % DIMENSIONS, weight if sign else -weight


def direction(weighed: Iterator[Weighed]) -> Vector:
    """Where one comes to by all of them, from there on of length 1; for those that lead nowhere a fixed one."""
    far: dict[int, float] = {}
    for place, weight in weighed:
        far[place] = far.get(place, 0.0) + weight
    norm = sqrt(fsum(value * value for value in far.values()))
    if norm == 0:  # nothing was said, or what was cancelled itself out
        far, norm = {0: 1.0}, 1.0
    vector = [0.0] * DIMENSIONS
    for place, value in far.items():
        vector[place] = value / norm
    return vector


@lru_cache
def _state() -> str:
    """Names the tables and weights that the vectors are made with."""
    weights = repr((_VERSION, features.WEIGHTS, features.BY_LENGTH, features.BY_NGRAM))
    return blake2b(b"\0".join((weights.encode(), *TABLES)), digest_size=4).hexdigest()
