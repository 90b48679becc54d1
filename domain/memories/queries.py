"""What to search for, to answer a question that somebody asks their companion."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.knowledge.passages import SourceKind
from domain.memories.dates import Leaning, SaidDate, dates_in, moments
from domain.words import STOP_WORDS, primary, words

TOLD_WITHIN: Final = timedelta(days=14)
"""How long after something happened people may have told of it, when they ask for what happened then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryQuery:
    """A search: in which words, among what, and from which time, `since` included and `until` not; None is any."""

    text: str
    kinds: frozenset[SourceKind]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class _Asking:
    """How a language asks.

    Attributes:
        said: for what was said in a conversation; `frame` is more of what says nothing of what was.
        ahead: for what is to come. past: for what was.
        own: of whoever asks.
    """

    said: re.Pattern[str]
    frame: re.Pattern[str]
    ahead: re.Pattern[str]
    past: re.Pattern[str]
    own: re.Pattern[str]


def query_of(question: str, at: datetime, timezone: str, language: str = "en") -> MemoryQuery:
    """The search that answers a question, asked at this moment in a time zone (an IANA name).

    What somebody said ("What did I tell you about the flat last spring?") is looked for in messages of that time alone.
    What happened at a past time is looked for in memories and messages from then until `TOLD_WITHIN` later; what is to
    come, in all memories, with its day among the words. Other questions go to memories and documents, and to messages
    too when they are of the one who asks, or of what was.
    """
    asking = _ASKING.get(primary(language), _ASKING["en"])
    plain = asking.frame.sub(" ", question)
    said = bool(asking.said.search(plain))
    ahead = not said and bool(asking.ahead.search(question))
    today = at.astimezone(ZoneInfo(timezone)).date()
    was = said or bool(not ahead and asking.past.search(question))
    dates = dates_in(question, today, Leaning.PAST if was else Leaning.FUTURE, language)
    past = None if ahead else next((each for each in dates if _is_past(each, today, was=was)), None)
    text = _text(question, dates, asking, past=past, said=said)
    if past is None:
        return MemoryQuery(text=text, kinds=_kinds(own=was or bool(asking.own.search(plain)), said=said))
    since, until = moments(past.first, past.last, timezone)
    if said:
        return MemoryQuery(text=text, kinds=frozenset({SourceKind.MESSAGE}), since=since, until=until)
    return MemoryQuery(text=text, kinds=_TOLD, since=since, until=until + TOLD_WITHIN)


def _is_past(said: SaidDate, today: date, *, was: bool) -> bool:
    return said.first <= today if was else said.last < today


_TOLD = frozenset({SourceKind.MEMORY, SourceKind.MESSAGE})
_KNOWN = frozenset({SourceKind.MEMORY, SourceKind.DOCUMENT})


def _kinds(*, own: bool, said: bool) -> frozenset[SourceKind]:
    if said:
        return frozenset({SourceKind.MESSAGE})
    return _KNOWN | _TOLD if own else _KNOWN


def _text(question: str, dates: tuple[SaidDate, ...], asking: _Asking, *, past: SaidDate | None, said: bool) -> str:
    """The question without what only says when it was and that it was said; as it is, when nothing else is left."""
    text = question
    for each in reversed(dates):
        if each is past:
            text = f"{text[: each.start]} {text[each.end :]}"
        elif each.told and each.first == each.last:
            text = f"{text[: each.end]} {each.first}{text[each.end :]}"
    for pattern in (asking.frame, asking.said) if said else (asking.frame,):
        text = pattern.sub(" ", text)
    text = " ".join(text.split()).strip(" ,;:?!.¿")
    return text if any(word not in _SILENT for word in words(text)) else question.strip()


_SILENT = frozenset[str]().union(*STOP_WORDS.values(), ("exactly", "thing", "things"))


def _asking(said: str, frame: str, ahead: str, past: str, own: str) -> _Asking:
    return _Asking(
        **{
            name: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
            for name, pattern in {"said": said, "frame": frame, "ahead": ahead, "past": past, "own": own}.items()
        }
    )


_ASKING: Final[Mapping[str, _Asking]] = {
    "en": _asking(
        said=r"(?:what |when |where |how |why |which \w+ )?(?:exactly )?(?:(?:did|have|had|do) )?(?:i|we|you)(?:'ve)?"
        r"(?: \w+){0,2}? (?:say|said|tell|told|mention(?:ed)?|talk(?:ed)?|discuss(?:ed)?|spoken?|speak"
        r"|spoke|chat(?:ted)?"
        r"|complain(?:ed)?|wr[io]te|written)(?: to)?(?: you| me| us| with you)?(?: about| of| on| regarding| that)?",
        frame=r"(?:hey|please|so|ok)[, ]+|(?:(?:do|can|could|would|will) you )?(?:please )?(?:still )?"
        r"(?:remember|recall|remind me|tell me)"
        r"(?: again)?(?: of| about)?|i (?:forgot|forget|don't remember|can't remember)"
        r"|what do you know(?: about| of)?|again",
        ahead=r"will|going to|have to|need to|must|should|due|upcoming|planned|plans? for|what(?:'s| is) on"
        r"|scheduled|am i",
        past=r"did|was|were|had|has|have (?:i|we)|went|\w{1,30}ed",
        own=r"i|i'm|i've|my|me|mine|we|our|us",
    ),
    "de": _asking(
        said=r"(?:was |wann |wo )?(?:habe?|hab|hast|haben) (?:ich|du|wir)(?: dir"
        r"| mir)?(?: \w+){0,3}? ?(?=.*?(?:gesagt|erzählt|erwähnt|geschrieben|gesprochen))|gesagt|erzählt"
        r"|erwähnt|geschrieben|gesprochen",
        frame=r"(?:bitte|also)[, ]+|(?:weißt du noch|erinnerst du dich)(?: an)?|erinnere mich(?: an)?|sag mir",
        ahead=r"werde|wird|muss|soll|fällig|geplant|steht an",
        past=r"habe?|hat|haben|hatten?|war|waren|wurden?|ging",
        own=r"ich|mir|mich|meine?[nrsm]?|wir|unsere?[nrsm]?",
    ),
    "es": _asking(
        said=r"(?:qué |cuándo )?(?:te )?(?:dije|conté|mencioné|hablamos|hablé|escribí|dijiste|he dicho)(?: de| sobre)?",
        frame=r"(?:por favor|oye)[, ]+|¿?(?:te acuerdas|recuerdas)(?: de)?|recuérdame|dime",
        ahead=r"voy a|tengo que|debo|pendiente|próximamente",
        past=r"\w+é|\w+ó|\w+aba|\w+ía|\w+aron|\w+ieron|fui|fue|fuimos|hice|hizo",
        own=r"yo|mi|mis|me|mí|nosotros|nuestr[oa]s?",
    ),
    "fr": _asking(
        said=r"(?:qu'est-ce que |que |quand )?(?:j'ai|ai-je|je t'ai|t'ai-je|on a|tu as"
        r"|nous avons)(?: \w+)? ?(?:dit|raconté|mentionné|parlé|écrit)(?: de| sur| à propos de)?",
        frame=r"(?:s'il te plaît|dis)[, ]+|(?:tu te souviens|te souviens-tu|rappelle-moi|dis-moi)(?: de)?",
        ahead=r"vais|dois|devrai|prévue?|à faire",
        past=r"ai|as|a|avons|ont|étais|était|suis|\w+-t-(?:il|elle)",
        own=r"je|j'\w+|mon|ma|mes|me|moi|nous|notre|nos",
    ),
    "cs": _asking(
        said=r"(?:co |kdy )?(?:jsem |jsme |jsi )?(?:ti |mi )?(?:říkal[ai]?|řekl[ai]?|zmínil[ai]?|psal[ai]?"
        r"|povídal[ai]?|mluvil[ai]?)(?: jsem| jsme| jsi)?(?: ti| mi)?(?: o)?",
        frame=r"(?:prosím)[, ]+|(?:pamatuješ si|vzpomínáš si)(?: na)?|připomeň mi|řekni mi",
        ahead=r"budu|musím|mám|čeká",
        past=r"jsem|jsme|by[lo]\w*|\w{2,}l[aio]?",
        own=r"já|můj|moje|má|mé|mi|mě|my|náš|naše|jsem",
    ),
}
"""By language (ISO 639-1)."""
