import re
from collections.abc import Sequence

from domain.words import words

_ALIKE = 0.8
_PLAIN = re.compile(r"[^\W_]+")


def repeats(texts: Sequence[str]) -> tuple[bool, ...]:
    """For each text whether it repeats one before it that repeats none: four in five of the words of both are in both.

    Jaccard's coefficient, as of A. Broder, "On the resemblance and containment of documents", Compression and
    Complexity of Sequences (1997), with single words for shingles.
    """
    kept: list[frozenset[str]] = []
    repeating: list[bool] = []
    for text in texts:
        said = _said(text)
        found = any(_alike(said, other) for other in kept)
        repeating.append(found)
        if not found:
            kept.append(said)
    return tuple(repeating)


def _said(text: str) -> frozenset[str]:
    # The words of `words`, which takes four times as long: this is done for each hit of each search.
    return frozenset(_PLAIN.findall(text.lower()) if text.isascii() else words(text))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    fewer, more = sorted((len(one), len(other)))
    if fewer < _ALIKE * more or not fewer:
        return False
    shared = len(one & other)
    return shared >= _ALIKE * (fewer + more - shared)
