from collections.abc import Sequence

from typing_extensions import override

from application.ports.stemmer import Stemmer
from domain.words import SNOWBALL, primary

_ENDINGS = ("ing", "s", "e")
_SHORTEST = 3


class MemoryStemmer(Stemmer):
    """Cuts the endings off that many languages share, again and again: enough for words of tests."""

    @override
    def stems(self, words: Sequence[str], language: str) -> list[str]:
        return [_cut(word) for word in words] if primary(language) in SNOWBALL else list(words)


def _cut(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return _cut(word.removesuffix(ending))
    return word
