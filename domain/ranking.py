from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log

_SATURATION = 1.2
_LENGTH_SHARE = 0.75


def rarity(holding: int, documents: int) -> float:
    """How much a word tells that `holding` of `documents` hold: positive, the more the fewer do (see `bm25`)."""
    return log(1 + (documents - holding + 0.5) / (holding + 0.5))


def bm25(
    query: Mapping[str, float], documents: Sequence[Mapping[str, float]], lengths: Sequence[float] | None = None
) -> tuple[float, ...]:
    """How well each document answers the query: 0 when it shares no word with it, else positive.

    `query` gives the weight of each of its words; a document gives how often it holds each of its words, where fields
    of more or less importance have added up in their proportions. `lengths` says how many words each has, where
    `documents` tells of those alone that were asked for.

    BM25F with k1 = 1.2 and b = 0.75: S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and
    Beyond", Foundations and Trends in Information Retrieval 3 (2009), equations 3.15 and 3.18 to 3.20. One is added
    inside the logarithm of the inverse document frequency, so that a word in most documents still counts a little.
    """
    if lengths is None:
        lengths = [sum(document.values()) for document in documents]
    mean = sum(lengths) / len(lengths) if any(lengths) else 1.0
    holding = Counter(word for document in documents for word in document if word in query)
    weights = {word: query[word] * rarity(count, len(documents)) for word, count in holding.items()}
    return tuple(_score(weights, document, length / mean) for document, length in zip(documents, lengths, strict=True))


def counted(words: Iterable[str], weight: float = 1.0) -> dict[str, float]:
    """How often each of `words` occurs, times `weight`."""
    return {word: count * weight for word, count in Counter(words).items()}


def _score(weights: Mapping[str, float], document: Mapping[str, float], relative_length: float) -> float:
    damping = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * relative_length)
    return sum(
        weight * document[word] * (_SATURATION + 1) / (document[word] + damping)
        for word, weight in weights.items()
        if word in document
    )
