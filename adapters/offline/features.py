"""What a text is made of, as the offline embedder weighs it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import sqrt

from adapters.offline.lexicon import lexicon, said_in
from adapters.offline.senses import senses
from adapters.offline.stems import folded, stem
from domain.words import STOP_WORDS, words

Feature = tuple[str, float]
"""Something that a text may share with another, and how much that counts."""

WEIGHTS: Mapping[str, float] = {
    "word": 0.6,
    "stem": 0.9,
    "ngrams": 0.9,
    "sense": 0.8,
    "pair": 0.4,
    "said": 0.5,
    "stop": 0.1,
    "light": 0.45,
    "number": 1.1,
    "unspaced": 0.7,
}
"""By kind. What a word has several of, its n-grams, stems and senses, share theirs such that their squares add up."""
BY_LENGTH = (0.0, 0.4, 0.5, 0.7, 0.85, 1.0, 1.0, 1.0, 1.15)
"""How much a word counts by its length, the last of them for all longer ones: a long word is rarer."""
BY_NGRAM = {3: 0.5, 4: 0.8, 5: 1.0}
"""How much a run of characters counts beside the others of its word, by its length."""
_LONGEST_WORD = 40
# Twice as much as a passage has; the patterns for addresses take the square of the time for what has no white space.
_LOOKED_AT = 2_500
_STOP_WORDS = {tongue: frozenset(map(folded, stop)) for tongue, stop in STOP_WORDS.items()}
_TONGUES_OF: Mapping[str, tuple[str, ...]] = {
    word: tuple(tongue for tongue, stop in _STOP_WORDS.items() if word in stop)
    for word in frozenset[str]().union(*_STOP_WORDS.values())
}


def words_of(text: str) -> list[str]:
    """The words of `text` in order, case and accents folded."""
    return [folded(word.casefold())[:_LONGEST_WORD] for word in words(text)]


def tongues_of(said: Sequence[str]) -> tuple[str, ...]:
    """Whose stop words most of these are, of the languages with such a list; several, or all, when it is undecided."""
    counts = Counter(tongue for word in said for tongue in _TONGUES_OF.get(word, ()))
    most = max(counts.values(), default=0)
    return tuple(tongue for tongue in STOP_WORDS if counts[tongue] == most)


def of_word(word: str, tongues: tuple[str, ...]) -> Iterator[Feature]:
    """What a word of these languages shares with its inflections, its misspellings and words of like meaning."""
    worth = _worth(word, tongues)
    yield f"w{word}", worth * WEIGHTS["word"]
    yield from _sharing([(f"s{each}", 1.0) for each in _stems(word, tongues)], worth * WEIGHTS["stem"])
    yield from _sharing(list(_ngrams(word)), worth * WEIGHTS["ngrams"])
    groups = dict.fromkeys(group for tongue in tongues for group in senses(word, tongue))
    yield from _sharing([(f"g{group}", 1.0) for group in groups], worth * WEIGHTS["sense"])


def of_pairs(said: Sequence[str], tongues: tuple[str, ...]) -> Iterator[Feature]:
    """What two neighbours among the words share with the same two elsewhere; stop words between them do not count."""
    kept = [(stem(word, tongues[0]), _worth(word, tongues)) for word in said]
    for (one, worth), (other, others) in pairwise(each for each in kept if each[1] > WEIGHTS["stop"]):
        yield f"p{one} {other}", min(worth, others) * WEIGHTS["pair"]


def of_concepts(text: str, said: Sequence[str], tongues: Sequence[str]) -> Iterator[Feature]:
    """What a text shares with another by its phrases, and by what its figures and addresses show it to be about."""
    joined = f"_{'_'.join(said)}_"
    tables = [table for tongue in tongues for table in (lexicon(tongue).by_phrase, lexicon(tongue).by_asking)]
    phrases = [concept for table in tables for phrase, concept in table.items() if f"_{phrase}_" in joined]
    found = [*said_in(text[:_LOOKED_AT]), *phrases]
    return ((f"g{concept}", WEIGHTS["said"]) for concept in dict.fromkeys(found))


@lru_cache(maxsize=32_768)
def _worth(word: str, tongues: tuple[str, ...]) -> float:
    if len(word) == 1 and not word.isascii() and not word.islower():
        return WEIGHTS["unspaced"]
    worth = BY_LENGTH[min(len(word), len(BY_LENGTH) - 1)]
    if any(character.isdigit() for character in word):
        return WEIGHTS["number"]
    if set(tongues) & set(_TONGUES_OF.get(word, ())):
        return WEIGHTS["stop"]
    light = any(stem(word, tongue) in lexicon(tongue).light for tongue in tongues)
    return worth * (WEIGHTS["light"] if light else 1.0)


def _stems(word: str, tongues: Sequence[str]) -> Sequence[str]:
    return tuple(dict.fromkeys(stem(word, tongue) for tongue in tongues))


def _ngrams(word: str) -> Iterator[Feature]:
    """Its runs of three to five characters, where its ends count as characters.

    After P. Bojanowski, E. Grave, A. Joulin and T. Mikolov, "Enriching Word Vectors with Subword Information",
    Transactions of the ACL 5 (2017), section 3.2.
    """
    anchored = f"<{word}>"
    for length, weight in BY_NGRAM.items():
        for start in range(len(anchored) - length + 1):
            yield f"n{anchored[start : start + length]}", weight


def _sharing(named: Sequence[Feature], worth: float) -> Iterator[Feature]:
    """The features, such that together they count as one of this worth."""
    norm = sqrt(sum(weight * weight for _, weight in named))
    return ((name, worth * weight / norm) for name, weight in named)
