import threading
from collections.abc import Iterable, Sequence
from typing import Protocol, cast

import snowballstemmer  # type: ignore[import-untyped]
from typing_extensions import override

from application.ports.stemmer import Stemmer
from domain.words import SNOWBALL, primary


class _Algorithm(Protocol):
    def stemWords(self, words: Iterable[str]) -> list[str]: ...  # noqa: N802 (the library's name)


# An algorithm keeps the word it works on in itself, so that threads cannot share one.
_algorithms = threading.local()


class SnowballStemmer(Stemmer):
    """Stems by the Snowball algorithms (https://snowballstem.org), as far as there is one for the language."""

    @override
    def stems(self, words: Sequence[str], language: str) -> list[str]:
        name = SNOWBALL.get(primary(language))
        return list(words) if name is None else _algorithm(name).stemWords(words)


def _algorithm(name: str) -> _Algorithm:
    found = cast("_Algorithm | None", getattr(_algorithms, name, None))
    if found is None:
        found = cast("_Algorithm", snowballstemmer.stemmer(name))  # pyright: ignore[reportUnknownMemberType]
        setattr(_algorithms, name, found)
    return found
