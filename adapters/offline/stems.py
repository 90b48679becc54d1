import threading
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Protocol, cast

import snowballstemmer  # type: ignore[import-untyped]

from domain.words import SNOWBALL, STOP_WORDS, primary, words


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 (the library's name)


_LONGEST_WORD = 40
# A stemmer keeps the word it works on in itself, so that threads cannot share one.
_stemmers = threading.local()


def folded(text: str) -> str:
    """`text` without accents, which visitors often leave out."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def content_words(text: str, language: str) -> list[str]:
    """The words of `text` in order without the stop words of `language`, accents folded, not stemmed."""
    stop = _stop_words(primary(language))
    return [word for word in words(text)[:20_000] if folded(word) not in stop]


@lru_cache(maxsize=65_536)
def stem(word: str, language: str) -> str:
    """The stem of a lower case word by the Snowball stemmer of `language`, if it has one, with accents folded."""
    algorithm = SNOWBALL.get(primary(language))
    return folded(_stemmer(algorithm).stemWord(word) if algorithm and len(word) <= _LONGEST_WORD else word)


def roots(word: str, language: str) -> tuple[str, ...]:
    """The stem of a word, and the stem that it has for who leaves its accents out, when that is another."""
    return tuple(dict.fromkeys((stem(word, language), stem(folded(word), language))))


def stem_words(text: str, language: str, *, without: Collection[str] = ()) -> list[str]:
    """The stems of the content words of `text`, in order, each with and without regard to accents.

    Words which are among `without`, accents folded, are left out.
    """
    left = (word for word in content_words(text, language) if folded(word) not in without)
    return [root for word in left for root in roots(word, language)]


def _stemmer(algorithm: str) -> _Stemmer:
    found = cast("_Stemmer | None", getattr(_stemmers, algorithm, None))
    if found is None:
        found = cast("_Stemmer", snowballstemmer.stemmer(algorithm))  # pyright: ignore[reportUnknownMemberType]
        setattr(_stemmers, algorithm, found)
    return found


@lru_cache
def _stop_words(language: str) -> frozenset[str]:
    return frozenset(folded(word) for word in STOP_WORDS.get(language, ()))
