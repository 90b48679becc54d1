"""What a companion has before it when it replies: of all that was found, what fits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from domain.knowledge import Parts, Passage, SourceKind
from domain.memories.tiers import Tier
from domain.usage import tokens_in
from domain.words import STOP_WORDS, primary, words

RECALL_TOKENS = 2_000
FEW = 4
"""How many lines of the standing profile come before all that was found."""
_MOST_OTHERS = 4
_FRESH = timedelta(days=14)
_EACH = 16
"""Tokens of a passage's label."""
_ROOT = 5
_ENOUGH_WORDS = 2
_GOALS = frozenset(
    "goal goals aim aims plan plans project projects ambition ambitions resolution resolutions ziel ziele plan pläne "
    "projekt projekte vorhaben objetivo objetivos meta metas proyecto proyectos objectif objectifs projet projets cíl "
    "cíle plán plány".split()
)
_NAMES = {SourceKind.MEMORY: "memory", SourceKind.MESSAGE: "said", SourceKind.DOCUMENT: "document"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A passage, and what it is a piece of.

    Attributes:
        tier: of a memory. at: when it was added, said or changed; None of a line of the standing profile.
        parts: why it was found; None when it was not looked for.
    """

    passage: Passage
    tier: Tier | None = None
    at: datetime | None = None
    parts: Parts | None = None

    def label(self, zone: ZoneInfo) -> str:
        """What announces it to a model, with its day in a time zone."""
        kind = _NAMES[self.passage.source.kind]
        known = [f"{self.tier} {kind}" if self.tier else kind]
        if self.at is not None:
            known.append(f"{self.at.astimezone(zone):%Y-%m-%d}")
        return ", ".join([*known, *filter(None, [self.passage.heading])])


def choose(
    profile: Sequence[Recalled],
    found: Sequence[Recalled],
    at: datetime,
    tokens: int = RECALL_TOKENS,
    *,
    goals: bool = False,
) -> tuple[Recalled, ...]:
    """What is recalled at the moment `at`, within so many tokens: what was found, best first, then the profile.

    Room is kept for the first `FEW` lines of the profile, so that who the user is is always known. Of what was found
    personal memories count as they are; project memories when `goals` are spoken of or they share a word with the
    question, and task memories when they do or are of the last 14 days; messages and documents when they share a word,
    the first few. No passage is there twice.
    """
    fitting: list[Recalled] = []
    for each in _once(chain(profile[:FEW], _touched(found, at, goals=goals), profile[FEW:])):
        tokens -= _EACH + tokens_in(each.passage.text)
        if tokens < 0:
            break
        fitting.append(each)
    return tuple(sorted(fitting, key=lambda each: each.parts is None))


def _once(recalled: Iterator[Recalled]) -> Iterator[Recalled]:
    """Each passage once, and of a memory that is in the profile and was found what was found of it."""
    everything = list(recalled)
    looked_for = {each.passage.source for each in everything if each.parts is not None}
    left = [each for each in everything if each.parts is not None or each.passage.source not in looked_for]
    return iter({each.passage.id: each for each in left}.values())


def _touched(found: Sequence[Recalled], at: datetime, *, goals: bool) -> Iterator[Recalled]:
    others = 0
    for each in found:
        by_word = each.parts is not None and each.parts.lexical > 0
        fresh = each.at is not None and at - each.at <= _FRESH
        match each.tier:
            case Tier.PERSONAL:
                wanted = True
            case Tier.PROJECT:
                wanted = goals or by_word
            case Tier.TASK:
                wanted = by_word or fresh
            case _:
                wanted = by_word and others < _MOST_OTHERS
                others += wanted
        if wanted:
            yield each


def leans(question: str, language: str) -> bool:
    """Whether the question names too little by itself to be looked for: fewer than two words that say something."""
    return len({word for word in words(question) if word not in _light(language)}) < _ENOUGH_WORDS


def touches_goals(question: str) -> bool:
    """Whether the question speaks of goals or plans as such."""
    return not _GOALS.isdisjoint(words(question))


def _light(language: str) -> frozenset[str]:
    return STOP_WORDS.get(primary(language), frozenset()) | STOP_WORDS["en"]


def speaks_of(text: str, what: str, language: str, share: float = 0.5) -> bool:
    """Whether `text` holds at least this share of the words of `what` that say something, by their first letters."""
    asked = {word[:_ROOT] for word in words(what) if word not in _light(language)}
    held = {word[:_ROOT] for word in words(text)}
    return bool(asked) and len(asked & held) >= share * len(asked)
