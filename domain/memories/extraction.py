"""What is worth remembering of what people say about themselves, by rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.memories.collections import CollectionKind
from domain.memories.dates import Leaning, SaidDate, dated, dates_in
from domain.memories.grammars import GRAMMARS, Grammar, Says
from domain.memories.metadata import Emotion, Goal, MemoryMetadata, Task
from domain.memories.own_words import own_sentences
from domain.memories.tiers import POLICIES, Tier

MOST_PROPOSALS = 10
"""How many memories come of one message, at most."""
_NAME = re.compile(r"[^\W\d_a-zß-ÿ][\w'.-]*(?: (?:(?:de|van|von|der|la|al|bin) )*[^\W\d_a-zß-ÿ][\w'.-]*){0,3}")
_NO_NAME = re.compile(r"(?:Back|Later|When|If|Tomorrow|Today|Crazy|Maybe|On|At|In|Not)\b|I\b")
_WORD = re.compile(r"\w+")
_POLITE = re.compile(
    r"[, ]+(?:please|thanks|thank you|though|ok|okay|haha|lol|by the way|btw|you know|bitte|danke|por favor|gracias"
    r"|s'il te plaît|merci|prosím|díky)$",
    re.IGNORECASE,
)
_TITLE = 200
_LEAST_UNDATED = 2
_LEAST_ASKED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A memory to add.

    Attributes:
        content: one sentence, as it was said (first person), with dates noted where only the day of saying tells them:
            "I have to call Anna on Friday (2026-11-27)." In what is no task or goal a bare weekday, month or season has
            none noted.
        kind: of the collections it may belong to; None when it belongs to none.
    """

    content: str
    tier: Tier
    kind: CollectionKind | None = None
    metadata: MemoryMetadata = field(default_factory=MemoryMetadata)


@dataclass(frozen=True, slots=True)
class _Told:
    """A clause and what a rule found in it; `at` is where its object begins."""

    clause: str
    object: str
    label: str | None
    said: tuple[SaidDate, ...]

    @property
    def due(self) -> date | None:
        return self.said[-1].last if self.said else None


def proposals(text: str, at: datetime, timezone: str) -> tuple[Proposal, ...]:
    """What is worth remembering of a message that a user wrote at this moment, in a time zone (an IANA name).

    Only what the user states of themselves in one of the languages of `GRAMMARS`, in words that one understands later
    without the rest of the message, in order and each once, `MOST_PROPOSALS` at most. When in doubt, nothing.
    """
    today = at.astimezone(ZoneInfo(timezone)).date()
    found: dict[str, Proposal] = {}
    for sentence in own_sentences(text):
        for proposal in _of_sentence(sentence, today):
            found.setdefault(proposal.content.casefold(), proposal)
    return tuple(found.values())[:MOST_PROPOSALS]


def _of_sentence(sentence: str, today: date) -> Iterator[Proposal]:
    plain = _POLITE.sub("", sentence.rstrip(" .!…"))
    for language, grammar in GRAMMARS.items():
        found = list(_in_language(plain, language, grammar, today))
        if found:
            yield from found
            return


def _in_language(sentence: str, language: str, grammar: Grammar, today: date) -> Iterator[Proposal]:
    if grammar.doubt.search(sentence):
        return
    asked = grammar.asked.match(sentence)
    found = False
    for clause in grammar.joint.split(sentence):
        if proposal := _of_clause(clause, language, grammar, today):
            found = True
            yield proposal
    if asked and not found:
        yield from _as_asked(sentence[asked.end() :], language, grammar, today)


def _as_asked(rest: str, language: str, grammar: Grammar, today: date) -> Iterator[Proposal]:
    if len(_WORD.findall(rest)) >= _LEAST_ASKED and not grammar.vague.match(rest):
        said = dates_in(rest, today, Leaning.FUTURE, language)
        yield Proposal(content=_sentence(rest, _certain(said)), tier=Tier.PERSONAL)


def _of_clause(clause: str, language: str, grammar: Grammar, today: date) -> Proposal | None:
    lead = grammar.lead.match(clause)
    clause = _POLITE.sub("", clause[lead.end() :] if lead else clause).strip(" ,;")
    for says, pattern in grammar.rules:
        if match := pattern.fullmatch(clause):
            leaning = Leaning.FUTURE if says in _AHEAD else Leaning.PAST
            said = dates_in(clause, today, leaning, language)
            told = _Told(clause, match["o"].strip(" ,"), match.groupdict().get("label"), said)
            return _proposal(says, told, grammar, today)
    return None


_AHEAD = frozenset({Says.TASK, Says.DATED_TASK, Says.GOAL})


def _proposal(says: Says, told: _Told, grammar: Grammar, today: date) -> Proposal | None:
    if not _is_clear(says, told, grammar, today):
        return None
    content = _sentence(told.clause, told.said if says in _AHEAD else _certain(told.said))
    if says in {Says.TASK, Says.DATED_TASK}:
        return _task(says, told, content, today)
    title = told.object[:1].upper() + told.object[1:_TITLE]
    match says:
        case Says.GOAL:
            goal = Goal(title=title, due=told.due)
            return Proposal(
                content=content, tier=Tier.PROJECT, kind=CollectionKind.GOAL, metadata=MemoryMetadata(goal=goal)
            )
        case Says.STRESS:
            emotion = Emotion(label=(told.label or "stressed").lower(), about=told.object)
            metadata = MemoryMetadata(emotion=emotion)
            return Proposal(content=content, tier=Tier.TASK, kind=CollectionKind.STRESSOR_LOG, metadata=metadata)
        case Says.TASTE:
            return Proposal(content=content, tier=Tier.PERSONAL, kind=CollectionKind.PREFERENCES)
        case _:
            return Proposal(content=content, tier=Tier.PERSONAL)


def _certain(said: tuple[SaidDate, ...]) -> tuple[SaidDate, ...]:
    """The dates to note in what is true for long: "I was born in May" tells of no May in particular."""
    return tuple(each for each in said if not each.bare)


def _task(says: Says, told: _Told, content: str, today: date) -> Proposal | None:
    """A task that is yet to be done, or None when its day is over."""
    if told.due is not None and told.due < today:
        return None
    title = told.clause if says is Says.DATED_TASK else told.object
    task = Task(title=title[:1].upper() + title[1:_TITLE], due=told.due)
    return Proposal(content=content, tier=task_tier(told.due, today), metadata=MemoryMetadata(task=task))


def task_tier(due: date | None, today: date) -> Tier:
    """The tier of something to be done: that of projects when the one of tasks may be over before it is due."""
    days = POLICIES[Tier.TASK].days or 0
    return Tier.TASK if due is None or (due - today).days < days else Tier.PROJECT


def _is_clear(says: Says, told: _Told, grammar: Grammar, today: date) -> bool:
    """Whether the object says something by itself, which is true for longer than it is said for."""
    match says:
        case Says.NAME:
            return _NAME.fullmatch(told.object) is not None and not _NO_NAME.match(told.object)
        case Says.DATED_TASK:
            return told.due is not None
        case Says.TASK | Says.GOAL:
            enough = told.due is not None or len(_WORD.findall(told.object)) >= _LEAST_UNDATED
            idle = grammar.idle.match(told.object) or _leans(told.object, grammar)
            return enough and _speaks(told.object, grammar) and not idle
        case Says.FACT | Says.EVENT if not told.object:
            return not _passes(told, today)
        case Says.EVENT | Says.STRESS:
            return _speaks(told.object, grammar)
        case _:
            return _speaks(told.object, grammar) and not _passes(told, today)


def _speaks(phrase: str, grammar: Grammar) -> bool:
    return _WORD.search(phrase) is not None and not grammar.vague.match(phrase)


def _passes(told: _Told, today: date) -> bool:
    """Whether it is told of these days alone."""
    return any(each.told and each.first <= today <= each.last for each in _certain(told.said))


def _leans(phrase: str, grammar: Grammar) -> bool:
    """Whether one of its words stands for something said elsewhere."""
    return any(grammar.vague.fullmatch(word) and word.lower() in _POINTING for word in re.findall(r"[\w']+", phrase))


_POINTING = frozenset(
    "it this that these those them they him her you your there es das dies dich dir ihn ihm dein deine eso esto ese "
    "esta ella ellos lo ça cela ceci lui toi vous to toto tohle ho jej tebe tě".split()
)


def _sentence(clause: str, said: tuple[SaidDate, ...]) -> str:
    noted = dated(clause, said).strip(" ,;:")
    return f"{noted[:1].upper()}{noted[1:]}."
