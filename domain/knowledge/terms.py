"""Words as search compares them: without case and accents, by their stems, and a typo away."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from domain.words import STOP_WORDS, primary, words

Stems = Callable[[Sequence[str], str], Sequence[str]]
"""Gives the stem of each word in a language (BCP 47)."""
MOST_WORDS = 64
"""So many different words of a query count, the first ones."""
TYPO_WEIGHT = 0.6
"""What a word a typo away counts, compared with the word itself."""
MOST_TYPOS = 8
"""Of the words of a query that nothing holds so many, the first ones, stand for their neighbours."""

# Marks over Latin and Greek letters only: of й the mark is no accent, and in Indic scripts marks are the vowels.
_MARKS = re.compile("(?<=[\u0000-\u03ff\u1e00-\u1fff])[\u0300-\u036f]+")
# Letters that have an accent for whoever types without, and for Unicode are letters of their own.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "ħ": "h", "æ": "ae", "œ": "oe", "ё": "е"})  # noqa: RUF001
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "αβγδεζηθικλμνξοπρσςτυφχψω",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяґєіїђјљњћџў",
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژکگی",
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
)
_LEAST_LETTERS, _MOST_LETTERS = 4, 24
_FORM_LENGTH = 100  # of what is longer than any word, the beginning tells


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text.

    Attributes:
        word: without case and accents.
        stems: one or two: its stem, and the stem of what is left of it without accents.
    """

    word: str
    stems: tuple[str, ...]

    @property
    def forms(self) -> tuple[str, ...]:
        """What it is found by: its stems and the word itself.

        Two words are the same for a search when they share a form: so one is found however somebody types it, and by
        itself even where the stems are those of another language.
        """
        word = self.word[:_FORM_LENGTH]
        return self.stems if word in self.stems else (*self.stems, word)


def terms(text: str, language: str, stems: Stems) -> list[Term]:
    """The words of `text` that say something in its language (BCP 47), in order."""
    stop = STOP_WORDS.get(primary(language), frozenset())
    return _terms([word for word in words(text) if word not in stop], language, stems)


def query_terms(query: str, language: str, stems: Stems) -> list[Term]:
    """The different words of a query as `terms`, in order; of a very long one its first 64."""
    first: dict[tuple[str, ...], Term] = {}
    for term in terms(query, language, stems):
        first.setdefault(term.stems, term)
        if len(first) == MOST_WORDS:
            break
    return list(first.values())


def pairs(query: Sequence[object]) -> list[tuple[int, int]]:
    """Which words of a query stand together in it, by their places."""
    return [(place, place + 1) for place in range(len(query) - 1)]


def neighbours(term: Term, language: str, stems: Stems) -> frozenset[str]:
    """The forms of all words that a single typo makes of `term`: a letter left out, added, wrong, or two swapped.

    There are none of what is no word of 4 to 24 letters, since for a number or a shorter one too much would do.
    Enumerated as P. Norvig does, "How to Write a Spelling Corrector" (2007); the distance is that of F. Damerau, "A
    technique for computer detection and correction of spelling errors", Communications of the ACM 7 (1964).
    """
    if not (_LEAST_LETTERS <= len(term.word) <= _MOST_LETTERS and term.word.isalpha()):
        return frozenset()
    candidates = list(dict.fromkeys(_edits(term.word)))
    return frozenset(stems(candidates, language)).difference(term.forms)


def folded(word: str) -> str:
    """The word without case and accents."""
    if word.isascii():
        return word.lower()
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFC", plain).translate(_LETTERS)


def _terms(said: Sequence[str], language: str, stems: Stems) -> list[Term]:
    plain = [folded(word) for word in said]
    by_stem = map(folded, stems(said, language))
    without_accents = stems(plain, language)
    stemmed = zip(plain, by_stem, without_accents, strict=True)
    return [Term(word, _stems(stem[:_FORM_LENGTH], other[:_FORM_LENGTH])) for word, stem, other in stemmed]


def _stems(stem: str, without_accents: str) -> tuple[str, ...]:
    return (stem,) if stem == without_accents else (stem, without_accents)


def _edits(word: str) -> Iterator[str]:
    letters = next((alphabet for alphabet in _ALPHABETS if word[0] in alphabet), "".join(sorted(set(word))))
    splits = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    return chain(
        (head + tail[1:] for head, tail in splits if tail),
        (head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1),
        (head + letter + tail[1:] for head, tail in splits if tail for letter in letters),
        (head + letter + tail for head, tail in splits for letter in letters),
    )
