"""How well passages match a query by their words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from domain.knowledge.terms import MOST_TYPOS, TYPO_WEIGHT, Stems, Term, neighbours, pairs
from domain.ranking import bm25

PHRASE_SHARE = 0.3
"""By how much the score of a passage grows that holds all pairs of words that stand together in the query."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word of a query: any of `forms` is it.

    Attributes:
        stems: those of them by which it stands beside another.
        weight: how much it counts, compared with a word as it was asked.
    """

    forms: frozenset[str]
    stems: frozenset[str]
    weight: float = 1.0

    @classmethod
    def asked(cls, term: Term) -> Self:
        """The word itself."""
        return cls(frozenset(term.forms), frozenset(term.stems))

    @classmethod
    def meant(cls, forms: frozenset[str]) -> Self:
        """What a single typo makes of the word."""
        return cls(forms, forms, TYPO_WEIGHT)


@dataclass(frozen=True, slots=True)
class Indexed:
    """The words of a passage.

    Attributes:
        terms: in order.
    """

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, found: Iterable[Term]) -> "Indexed":
        """The words of a passage with these terms."""
        return cls(tuple(found))

    @property
    def length(self) -> int:
        """How many words it has."""
        return len(self.terms)

    @property
    def counts(self) -> Mapping[str, int]:
        """How often it holds each form."""
        return Counter(form for term in self.terms for form in term.forms)


def wanted(
    query: Sequence[Term], held: AbstractSet[str], language: str, stems: Stems, *, typos: bool = True
) -> list[Wanted]:
    """What to look for where the forms `held` are all there are.

    A word that is not there stands for its neighbours, unless `typos` are of no interest.
    """
    lacking = [term for term in query if typos and held.isdisjoint(term.forms)][:MOST_TYPOS]
    near = {term: neighbours(term, language, stems) & held for term in lacking}
    return [Wanted.meant(near[term]) if near.get(term) else Wanted.asked(term) for term in query]


def scores(looked_for: Sequence[Wanted], passages: Sequence[Indexed]) -> list[float]:
    """How well each passage matches: 0 when it holds no word of the query, else positive.

    BM25 (see `domain.ranking.bm25`), times 1 to 1.3 by the share of the query's pairs of neighbouring words that stand
    together in the passage. Of the forms of a word the one that the passage holds most often counts.
    """
    weights = {str(number): each.weight for number, each in enumerate(looked_for)}
    documents = [dict(_held(looked_for, passage.counts)) for passage in passages]
    ranked = bm25(weights, documents, [passage.length for passage in passages])
    return [score * _phrase(looked_for, passage) for score, passage in zip(ranked, passages, strict=True)]


def _held(looked_for: Sequence[Wanted], counts: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    for number, each in enumerate(looked_for):
        times = max((counts.get(form, 0) for form in each.forms), default=0)
        if times:
            yield str(number), times


def _phrase(looked_for: Sequence[Wanted], passage: Indexed) -> float:
    together = [(looked_for[one].stems, looked_for[other].stems) for one, other in pairs(looked_for)]
    if not together:
        return 1.0
    found = sum(_side_by_side(one, other, passage) for one, other in together)
    return 1 + PHRASE_SHARE * found / len(together)


def _side_by_side(one: AbstractSet[str], other: AbstractSet[str], passage: Indexed) -> bool:
    """Whether they are neighbours by the first stem of each, or by the last."""
    return any(
        first.stems[place] in one and second.stems[place] in other
        for first, second in pairwise(passage.terms)
        for place in (0, -1)
    )
