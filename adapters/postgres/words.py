"""How the words of a passage lie in its row."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import product

from domain.ids import WorkspaceId
from domain.knowledge import Filters, SourceKind
from domain.knowledge.matching import Indexed

_APART = bytes(4)


@dataclass(frozen=True, slots=True)
class WordColumns:
    """The words of a passage, as columns.

    Attributes:
        keys: of its forms, sorted. counts: how often it holds each.
        sequence: half the key of each word in order, by its first stem, and where that differs for any of them, once
            more by the last, apart: two words that stand together are 8 bytes of it. No other 8 bytes are like these
            but by chance, so that words need no separators.
    """

    length: int
    keys: list[int]
    counts: list[int]
    sequence: bytes

    @classmethod
    def of(cls, shelf: bytes, words: Indexed) -> "WordColumns":
        """The columns of a passage on the shelf."""
        counts = words.counts
        keys = dict(zip(counts, keys_of(shelf, counts), strict=True))
        ordered = sorted((key, counts[form]) for form, key in keys.items())
        said = [b"".join(_half(keys[term.stems[place]]) for term in words.terms) for place in (0, -1)]
        sequence = _APART.join(dict.fromkeys(said))
        return cls(words.length, [key for key, _ in ordered], [count for _, count in ordered], sequence)


def shelf(workspace_id: WorkspaceId, kind: SourceKind) -> bytes:
    """Among what a word is looked for: that visitors say it often makes no other search slower."""
    return workspace_id.bytes + (b"visitors" if kind is SourceKind.VISITOR_MESSAGE else b"")


def shelves(filters: Filters) -> list[bytes]:
    """Those on which what passes the filters lies."""
    return sorted({shelf(filters.workspace_id, kind) for kind in filters.kinds or SourceKind})


def keys_of(shelf: bytes, forms: Iterable[str]) -> list[int]:
    """What each form of a word is found by among the passages on the shelf: 64 bits, with a sign."""
    start = blake2b(shelf, digest_size=8)
    return [_key(start.copy(), form) for form in forms]


def together(shelf: bytes, one: Iterable[str], other: Iterable[str]) -> list[bytes]:
    """What the sequence of a passage holds where a stem of the one stands right before a stem of the other."""
    first, second = keys_of(shelf, sorted(one)), keys_of(shelf, sorted(other))
    return [_half(key) + _half(following) for key, following in product(first, second)]


def _half(key: int) -> bytes:
    return (key & 0xFFFFFFFF).to_bytes(4, "big")


def _key(hashed: "blake2b", form: str) -> int:
    hashed.update(form.encode())
    return int.from_bytes(hashed.digest(), "big", signed=True)
