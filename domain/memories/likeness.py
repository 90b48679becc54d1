"""When two memories say the same."""

import unicodedata
from hashlib import sha256

from domain.words import words

ALIKE = 0.8
"""From this likeness on two memories are near duplicates."""
_SHINGLE = 3


def normalised(content: str) -> str:
    """The content as duplicates are told by: NFKC, without case, full stops at its end, and more than single spaces."""
    return " ".join(unicodedata.normalize("NFKC", content).casefold().split()).rstrip(".!…。 ")


def digest_of(content: str) -> bytes:
    """SHA-256 of the normalised content: equal for exact duplicates."""
    return sha256(normalised(content).encode()).digest()


def likeness(one: str, other: str) -> float:
    """How alike two contents are, from 0 to 1: the share of their runs of three characters that both have.

    Jaccard's coefficient over w-shingles: A. Broder, "On the resemblance and containment of documents", Compression
    and Complexity of Sequences (1997), with characters of the words for tokens.
    """
    first, second = shingles(one), shingles(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def shingles(content: str) -> frozenset[str]:
    """The runs of three characters in the words of a content, by which its likeness is told."""
    joined = f" {' '.join(words(content))} "
    return frozenset(joined[at : at + _SHINGLE] for at in range(len(joined) - _SHINGLE + 1))
