"""A visitor's question as what to look for: its words, with what else people call the same."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.offline.lexicon import ASPECTS, Lexicon, lexicon, phrases_in
from adapters.offline.stems import content_words, folded, roots, stem
from domain.words import words

# A single one of these is grammar in Japanese.
_HIRAGANA = re.compile("[\u3040-\u309f]")
_CLAUSE = re.compile(r"[,;?!/&+\n]+(?=\s|$)|\s[/&+]\s")
_MOST_WORDS = 100
_LIGHT_WEIGHT = 0.5
_EARLIER_WEIGHT = 0.5
_SAME_CONCEPT = 0.9
_EXACT_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing to look for, by its stems and by the concepts they belong to.

    Attributes:
        weight: how much it counts in ranking.
        light: it says what is done rather than with what, or how many: nothing is missing without it.
        asked: only the kind of question tells of it ("when", "how much").
        earlier: it comes from an earlier turn.
    """

    stems: frozenset[str]
    concepts: frozenset[str] = frozenset()
    weight: float = 1.0
    light: bool = False
    asked: bool = False
    earlier: bool = False

    @property
    def query(self) -> Mapping[str, float]:
        """What to rank by: other words for it count nearly like its own."""
        own = _EXACT_SHARE if self.concepts else 1.0
        return dict.fromkeys(self.stems, own) | dict.fromkeys(self.concepts, 1.0)

    @property
    def narrow(self) -> "Unit":
        """It without the aspects that it also is: who asks how to pay does not ask for every price."""
        return replace(self, concepts=self.concepts - _ASPECTS or self.concepts)

    def strength(self, terms: Mapping[str, float]) -> float:
        """How surely a text of these terms speaks of it, from 0 to 1."""
        if any(term in terms for term in self.stems):
            return 1.0
        return _SAME_CONCEPT if any(term in terms for term in self.concepts) else 0.0


def concept(name: str) -> str:
    """The term that stands for a concept among stems, which hold no such characters."""
    return f"<{name}>"


_ASPECTS = frozenset(concept(name) for name in ASPECTS)


def units_of(question: str, earlier: str, language: str) -> list[Unit]:
    """What to look for to answer `question`; what `earlier`, the turn before, adds counts less.

    It adds something when the question points back to it, or names nothing by itself ("And how much?").
    """
    own = _units(question, language)
    if _names(own) and not leans(question, language):
        return own
    before = [unit for unit in _units(earlier, language) if unit not in own]
    return own + [replace(unit, weight=unit.weight * _EARLIER_WEIGHT, earlier=True) for unit in before]


def parts_of(question: str, language: str) -> list[list[Unit]]:
    """What to look for in each of the things asked for at once; empty when it is one thing, or one points back.

    A part that names no aspect is asked for those that the others name ("the price of a ring and a chain").
    """
    parts = [part for part in _split(question, language) if deciding(_units(part, language))]
    if len(parts) < 2 or any(leans(part, language) for part in parts):  # noqa: PLR2004 (it takes two to join)
        return []
    found = [_units(part, language) for part in parts]
    aspects = [unit for units in found for unit in units if unit.concepts & _ASPECTS]
    whole = [units for units in found if not _aspects_only(units)]
    # Of an aspect beside several things it is asked ("What is cheaper, a ring or a chain?"), beside one it is another.
    return [_with_aspects(units, aspects) for units in (whole if len(whole) > 1 else found)]


def _split(question: str, language: str) -> list[str]:
    joining = lexicon(language).joining
    parts: list[list[str]] = [[]]
    for clause in _CLAUSE.split(question):
        for word in words(clause):
            if folded(word) in joining:
                parts.append([])
            else:
                parts[-1].append(word)
        parts.append([])
    return [" ".join(part) for part in parts if part]


def _aspects_only(units: Sequence[Unit]) -> bool:
    return all(unit.light or unit.concepts & _ASPECTS for unit in units)


def _with_aspects(units: Sequence[Unit], aspects: Iterable[Unit]) -> list[Unit]:
    if any(unit.concepts & _ASPECTS for unit in units):
        return list(units)
    return [*units, *(replace(unit, asked=True) for unit in aspects)]


def deciding(units: Sequence[Unit]) -> list[Unit]:
    """The units by which it is judged whether a sentence answers: what the question names.

    When this is nothing, or nothing but an aspect ("What does it cost?"), what the turn before names decides with it.
    """
    named = _names(units)
    own = [unit for unit in named if not unit.earlier]
    if any(not unit.concepts & _ASPECTS for unit in own):
        return own
    return named if own else named + [unit for unit in units if unit.asked and not unit.earlier]


def _names(units: Iterable[Unit]) -> list[Unit]:
    return [unit for unit in units if not unit.light and not unit.asked]


def leans(question: str, language: str) -> bool:
    """Whether the question points back, with a pronoun or an "and"."""
    return any(folded(word) in lexicon(language).leaning for word in words(question))


def _units(text: str, language: str) -> list[Unit]:
    table = lexicon(language)
    phrases = phrases_in(text, table.by_phrase)
    found = {
        concept(table.by_phrase[phrase]): Unit(frozenset(), _concepts(table.by_phrase[phrase])) for phrase in phrases
    }
    taken = {word for phrase in phrases for word in phrase.split("_")}
    for word in content_words(text, language)[:_MOST_WORDS]:
        if folded(word) not in taken:
            unit = _unit(word, language, table)
            key = min(unit.concepts, default=stem(word, language))
            same = found.get(key, unit)
            found[key] = replace(unit, stems=unit.stems | same.stems, concepts=unit.concepts | same.concepts)
    for phrase in phrases_in(text, table.by_asking):
        name = table.by_asking[phrase]
        found.setdefault(concept(name), Unit(frozenset(), _concepts(name), asked=True))
    return list(found.values())


def _unit(word: str, language: str, table: Lexicon) -> Unit:
    stems = frozenset(roots(word, language))
    concepts = _concepts(*(name for root in stems for name in table.by_stem.get(root, ())))
    numeral = word.isdigit()
    particle = _HIRAGANA.fullmatch(word) is not None
    light = not concepts and (numeral or particle or not stems.isdisjoint(table.light))
    return Unit(stems, concepts, _LIGHT_WEIGHT if light else 1.0, light)


def _concepts(*names: str) -> frozenset[str]:
    return frozenset(concept(name) for name in names)
