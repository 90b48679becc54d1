"""Whether a memory says something new beside another, the same again, or what is true now instead."""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.memories.likeness import ALIKE, digest_of, likeness
from domain.words import STOP_WORDS, words


class Relation(StrEnum):
    """What a new memory is to an older one of the same owner."""

    REPEATS = "repeats"
    SUPERSEDES = "supersedes"
    RESEMBLES = "resembles"
    NEW = "new"


def relation(new: str, old: str) -> Relation:
    """What the content `new` is to the older `old`; both are sentences of the same person about themselves.

    It supersedes the old one when both tell one attribute of one subject otherwise ("My sister's name is …"), when they
    prefer two things of one kind ("I prefer tea" and then coffee), or when one denies the other. It repeats it when it
    holds no word, number or date that the old one did not. Otherwise it resembles it from `ALIKE` on.
    """
    if digest_of(new) == digest_of(old):
        return Relation.REPEATS
    one, other = _claim(new), _claim(old)
    if one.attribute and one.attribute == other.attribute:
        if one.value <= other.value:
            return Relation.REPEATS
        return Relation.RESEMBLES if one.value > other.value else Relation.SUPERSEDES
    if _denies(one, other) or _rivals(one, other):
        return Relation.SUPERSEDES
    if one.subject == other.subject and one.denied == other.denied and one.said <= other.said:
        return Relation.REPEATS
    return Relation.RESEMBLES if likeness(new, old) >= ALIKE else Relation.NEW


def rivals_query(content: str) -> str:
    """What to search for, to find by words the memories that `content` may repeat or supersede."""
    claim = _claim(content)
    kinds = [kind for kind in _KINDS if claim.taste & kind]
    return " ".join([content, *sorted(frozenset[str]().union(*kinds) - claim.said)])


@dataclass(frozen=True, slots=True)
class _Claim:
    """A content taken apart.

    Attributes:
        subject: of whom or what it speaks. said: its words and numbers that mean something, without those of denial.
        attribute: what of the subject it tells, where that has one value at a time; else empty. value: that, in words.
        taste: what is liked or not; empty when it speaks of no taste. head: of this, what stands before "in", "on" and
            the like. prefers: whether it is put before others.
        denied: whether it denies, or tells a dislike.
    """

    subject: str
    said: frozenset[str]
    attribute: str = ""
    value: frozenset[str] = frozenset()
    taste: frozenset[str] = frozenset()
    head: frozenset[str] = frozenset()
    prefers: bool = False
    denied: bool = False


_NOTE = re.compile(r" \(\d{4}-\d\d-\d\d(?: to \d{4}-\d\d-\d\d)?\)")
_SILENT = frozenset[str]().union(*STOP_WORDS.values()) - {"not", "no", "nicht", "ne", "pas"} | frozenset(
    "really also still always usually now actually just truly simply very much name called ll ve m re really again "
    "currently jetzt sehr ahora muy maintenant très teď moc".split()
)
_DENIALS = re.compile(
    r"\b(?:no longer|(?:not|n't|never)\b.{0,80}?\b(?:any ?more|any longer)|don't|doesn't|do not|does not|am not|'m not"
    r"|is not|isn't|not|never|can't|cannot|can not|no|stopped|quit|any ?more|used to|nicht mehr|nicht|keine?n?|nie"
    r"|ya no|nunca|ne|n'|pas|plus|jamais|už|nejsem|nemám|nechci)(?!\w)",
    re.IGNORECASE,
)
_DISLIKES = re.compile(
    r"\b(?:hates?|dislikes?|detests?|loathes?|avoids?|stand|allergic|hasse|odio|detesto|déteste|nesnáším|nemám)\b",
    re.IGNORECASE,
)
_TASTE = re.compile(
    r"^i(?: [\w']+){0,2}? (?P<verb>prefer|like|love|enjoy|adore|hate|dislike|detest|loathe|avoid"
    r"|stand|eat|drink)\b(?P<o>.+)"
    r"|^i(?:'m| am)(?: not)? (?:an? (?:\w+ )?fan of|fond of|keen on|allergic to)(?P<fond>.+)"
    r"|^ich (?P<mag>bevorzuge|mag|liebe|hasse)(?P<de>.+)"
    r"|^(?:no )?(?:me )?(?P<gusta>prefiero|gustan?|encantan?|odio|detesto)(?P<es>.+)"
    r"|^(?:je |j')(?:n')?(?P<aime>préfère|aime|adore|déteste)(?P<fr>.+)"
    r"|^(?P<rad>preferuj[iu]|mám rád|mám ráda|nemám rád|nemám ráda|nesnáším)(?P<cs>.+)",
    re.IGNORECASE,
)
_PREFERS = frozenset({"prefer", "bevorzuge", "prefiero", "préfère", "preferuji", "preferuju"})
_OVER = re.compile(
    (r"\b(?:to|over|than|rather than|instead of|statt|als|en vez de|plutôt que|à|před)\b.*"), re.IGNORECASE
)
_HEADED = re.compile(
    (r"\b(?:on|in|at|for|with|during|when|because|by|from|auf|im|bei|en|para|sur|pour|na|pro)\b.*"), re.IGNORECASE
)
_MANY = re.compile(
    r"\b(?:friend|colleague|cousin|neighbou?r|aunt|uncle|niece|nephew|kid|child|grand\w+|hobb\w+|allerg\w+|freund\w*"
    r"|amig[oa]|amie?|kamarád\w*|pet)\b",
    re.IGNORECASE,
)
_ATTRIBUTES = (
    re.compile(
        r"^(?P<a>(?:my|our) [\w' -]{1,40}?)(?:'s name)? (?:(?:is|are)(?: (?:called"
        r"|named))?) (?P<v>(?-i:[A-ZÀ-Ž])[\w'.-]*(?: (?-i:[A-ZÀ-Ž])[\w'.-]*){0,3})$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?P<a>(?:my|our|[\w-]+'s) [\w' -]{0,40}?(?:birthday|anniversary|number|e-?mail|address|job"
        r"|profession|occupation|hometown"
        r"|nationality|age|employer|company|team|height|weight|type|size|tongue|language|zone|diet|car"
        r"|school|university|major"
        r"|pronouns|hours|sign|surname|nickname|favou?rite [\w -]{1,30}?|name)) (?:is|are) (?P<v>.+)$",
        re.IGNORECASE,
    ),
    re.compile(r"^(?P<v>.+?) is (?P<a>my favou?rite [\w -]{1,30})$", re.IGNORECASE),
    re.compile(r"^(?P<a>call me|i go by|i'm called) (?P<v>.+)$", re.IGNORECASE),
    re.compile(r"^i (?:\w+ ){0,2}?(?P<a>live|moved)(?: to| in)? (?P<v>.+)$", re.IGNORECASE),
    re.compile(r"^i (?:\w+ ){0,1}?(?P<a>work (?:as|at|for)|was born (?:in|on)) (?P<v>.+)$", re.IGNORECASE),
    re.compile(r"^i(?:'m| am) (?P<v>\d+) (?P<a>years old)", re.IGNORECASE),
    re.compile(r"^i(?:'m| am)(?: now)? (?P<v>(?P<a>married|single|divorced|engaged|widowed))\b", re.IGNORECASE),
    re.compile(r"^(?P<a>(?:meine?) \w+)(?: heißt|s? name ist) (?P<v>.+)$", re.IGNORECASE),
    re.compile(
        r"^(?P<a>ich (?:heiße|wohne in|lebe in|arbeite als|arbeite bei)|nenn mich|mein geburtstag ist"
        r"|meine? lieblings\w+ ist) (?P<v>.+)$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?P<a>mi \w+ se llama|me llamo|vivo en|trabajo (?:en|como)|llámame"
        r"|mi cumpleaños es) (?P<v>.+)$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?P<a>(?:mon|ma) \w+ s'appelle|je m'appelle|j'habite|je vis|appelle-moi"
        r"|mon anniversaire est) (?P<v>.+)$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?P<a>(?:moje|můj|má) \w+ se jmenuje|jmenuj[iu] se|bydlím|pracuj[iu] jako|říkej mi"
        r"|moje narozeniny jsou) (?P<v>.+)$",
        re.IGNORECASE,
    ),
)
_SAME = {
    "moved": "live",
    "single": "married",
    "divorced": "married",
    "engaged": "married",
    "widowed": "married",
    "our": "my",
}
_KINDS = tuple(
    frozenset(kind.split())
    for kind in (
        "tea coffee tee kaffee té café thé čaj káv káva kávu",
        "beer wine bier wein cerveza vino bière vin pivo víno",
        "morning evening afternoon night",
        "window aisle",
        "email phone call text letter mail chat",
        "train plane bus car",
        "summer winter spring autumn",
        "cat dog",
        "city countryside",
        "mountain sea beach",
        "vegetarian vegan meat",
        "early late",
        "paper screen",
        "remote office",
        "short long brief detailed",
        "formal informal casual",
    )
)
"""Things of which one prefers one: to prefer another is a change of mind."""


def _claim(content: str) -> _Claim:
    plain = _NOTE.sub("", " ".join(content.replace("’", "'").split())).rstrip(" .!…")  # noqa: RUF001 (as people type)
    said, subject, denied = _meant(_DENIALS.sub(" ", content)), _subject(plain), bool(_DENIALS.search(plain))
    if taste := _TASTE.match(plain):
        return _tasted(plain, taste, said, denied=denied or bool(_DISLIKES.search(plain)))
    for pattern in _ATTRIBUTES:
        if not denied and (told := pattern.match(plain)) and not _MANY.search(told["a"]):
            name = " ".join(_SAME.get(word, word) for word in _stems(told["a"].removesuffix("'s name")))
            return _Claim(subject=subject, said=said, attribute=name, value=_meant(told["v"]) | _numbers(content))
    return _Claim(subject=subject, said=said, denied=denied)


def _tasted(plain: str, match: re.Match[str], said: frozenset[str], *, denied: bool) -> _Claim:
    groups = {name: value for name, value in match.groupdict().items() if value}
    liked = next(value for name, value in groups.items() if name in {"o", "fond", "de", "es", "fr", "cs"})
    verb = next((value for value in groups.values() if value is not liked), "")
    prefers = verb.lower() in _PREFERS
    first = _OVER.sub("", liked) if prefers else liked
    return _Claim(
        subject=_subject(plain),
        said=said,
        taste=_meant(first),
        head=_meant(_HEADED.sub("", first)),
        prefers=prefers,
        denied=denied,
    )


def _denies(new: _Claim, old: _Claim) -> bool:
    """Whether both say the same of the same, one that it is so and the other that it is not."""
    if new.denied == old.denied or new.subject != old.subject:
        return False
    if new.taste or old.taste:
        return bool(new.taste) and new.taste == old.taste
    return bool(new.said) and new.said == old.said


def _rivals(new: _Claim, old: _Claim) -> bool:
    """Whether both prefer something of one kind, and not the same."""
    if not (new.prefers and old.prefers) or new.denied != old.denied or new.taste == old.taste:
        return False
    one, other = new.taste - old.taste, old.taste - new.taste
    if any(one <= kind and other <= kind for kind in _KINDS):
        return bool(one and other)
    return bool(new.head & old.head) and len(one) == len(other) == 1 and one <= new.head and other <= old.head


def _subject(plain: str) -> str:
    first, *rest = words(plain) or [""]
    return f"{first} {_stem(rest[0])}" if first in _POSSESSIVE and rest else _SAME.get(first, first)


_POSSESSIVE = frozenset("my our mein meine mi mis mon ma mes můj moje má".split())


def _meant(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in words(text) if word not in _SILENT)


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in words(text)]


def _stem(word: str) -> str:
    """The word without the endings of English plurals and verbs: enough to tell the same from another."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word  # noqa: PLR2004


def _numbers(content: str) -> frozenset[str]:
    return frozenset(word for word in words(" ".join(_NOTE.findall(content))) if word.isdecimal())
