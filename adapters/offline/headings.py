"""What is said first under the heading that a question names."""

from collections.abc import Sequence
from itertools import groupby

from adapters.offline.candidates import Candidate
from adapters.offline.questions import Unit

_MOST_ITEMS = 3
_MOST_SENTENCES = 2
# So many passages of one heading are things of one kind, each introduced by its first sentence.
_A_COLLECTION = 3


def opening(units: Sequence[Unit], judged: Sequence[Unit], candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first sentences, or the first items of a list, under a heading that says all the question names.

    The heading must also say no more than the question. Nothing when there is none such, or when what is asked for
    stands further below.
    """
    for _, group in groupby(candidates, key=lambda candidate: candidate.quote.heading):
        section = list(group)
        if _named(section[0].heading, units, judged):
            first = _first(section)
            if not _below(units, first, section):
                return first
    return []


def _named(heading: Sequence[frozenset[str]], units: Sequence[Unit], judged: Sequence[Unit]) -> bool:
    """Whether what decides and the heading say the same."""
    held = dict.fromkeys(frozenset[str]().union(*heading), 1.0)
    asked = frozenset(term for unit in units for term in unit.narrow.query)
    return (
        bool(held)
        and all(unit.narrow.strength(held) for unit in judged)
        and all(not alternatives.isdisjoint(asked) for alternatives in heading)
    )


def _first(section: Sequence[Candidate]) -> list[Candidate]:
    passages = list(dict.fromkeys(candidate.quote.passage for candidate in section))
    if len(passages) >= _A_COLLECTION:
        return [next(c for c in section if c.quote.passage == number) for number in passages][:_MOST_ITEMS]
    items = [candidate for candidate in section if candidate.item]
    return items[:_MOST_ITEMS] if len(items) > 1 else list(section[:_MOST_SENTENCES])


def _below(units: Sequence[Unit], first: Sequence[Candidate], section: Sequence[Candidate]) -> bool:
    """Whether the section speaks of something asked, but not where it begins."""
    said = frozenset[str]().union(*section[0].heading, *(candidate.own for candidate in first))
    later = frozenset[str]().union(*(candidate.own for candidate in section)) - said
    missing = (unit for unit in units if not unit.light and said.isdisjoint(unit.query))
    own = {stem for unit in units for stem in unit.stems if not unit.light and not unit.earlier}
    return any(unit.asked for unit in missing) or not later.isdisjoint(own)
