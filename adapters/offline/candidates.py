"""The sentences of the passages, as an answer may quote them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.offline.lexicon import lexicon, phrases_in, said_in
from adapters.offline.questions import concept
from adapters.offline.sentences import is_item, plain
from adapters.offline.stems import folded, stem_words
from domain.knowledge import Passage, sentences
from domain.ranking import counted
from domain.words import words

_HEADING_WEIGHT = 0.7
_MOST_CANDIDATES = 2_000


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a passage: `passage` and `place` are positions among the prompt's passages and in the passage."""

    passage: int
    place: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted.

    Attributes:
        terms: how often it and, with less weight, its headings hold each term.
        own: the terms of the sentence alone.
        heading: for each word of its innermost heading the terms that say the same.
        introduces: it announces what follows it.
        item: it begins an item of a list.
        follows: it is only understood after the sentence before it.
    """

    quote: Quote
    terms: Mapping[str, float]
    own: frozenset[str]
    heading: tuple[frozenset[str], ...]
    introduces: bool
    item: bool
    follows: bool


def candidates_of(passages: Sequence[Passage], language: str) -> list[Candidate]:
    """Each sentence of `passages` once, in order."""
    found: dict[str, Candidate] = {}
    for number, passage in enumerate(passages):
        headings = counted(_terms(passage.heading, language), _HEADING_WEIGHT)
        innermost = passage.heading.rpartition("›")[2].strip()
        heading = _alternatives(innermost, language)
        for place, sentence in enumerate(sentences(passage.text)):
            if (text := plain(sentence)) and text not in found and len(found) < _MOST_CANDIDATES:
                own = counted(_terms(text, language))
                found[text] = Candidate(
                    quote=Quote(number, place, innermost, text),
                    terms=added(own, headings),
                    own=frozenset(own),
                    heading=heading,
                    introduces=text.endswith(":"),
                    item=is_item(sentence),
                    follows=place > 0 and _follows(text, language),
                )
    return list(found.values())


def added(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """The counts of both."""
    return {term: one.get(term, 0.0) + other.get(term, 0.0) for term in {**one, **other}}


def _follows(text: str, language: str) -> bool:
    begins = f"{'_'.join(folded(word) for word in words(text[:80]))}_"
    return any(begins.startswith(f"{opening}_") for opening in lexicon(language).following)


def _alternatives(heading: str, language: str) -> tuple[frozenset[str], ...]:
    table = lexicon(language)
    phrases = phrases_in(heading, table.by_phrase)
    found = stem_words(heading, language, without={word for phrase in phrases for word in phrase.split("_")})
    named = [frozenset((root, *(concept(name) for name in table.by_stem.get(root, ())))) for root in found]
    return (*named, *(frozenset((concept(table.by_phrase[phrase]),)) for phrase in phrases))


def _terms(text: str, language: str) -> list[str]:
    """The stems of `text`, and the concepts it speaks of; a phrase counts as its concept, not as its words."""
    table = lexicon(language)
    phrases = phrases_in(text, table.by_phrase)
    found = stem_words(text, language, without={word for phrase in phrases for word in phrase.split("_")})
    spoken = {name for root in found for name in table.by_stem.get(root, ())}
    spoken.update(table.by_phrase[phrase] for phrase in phrases)
    spoken.update(said_in(text))
    return [*found, *(concept(name) for name in sorted(spoken))]
