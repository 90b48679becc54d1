"""Whether a memory says something new beside another, the same again, or what is true now instead."""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.memories.date_words import DATE_WORDS
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
    holds no word, number or date that the old one did not. Otherwise it resembles it from `ALIKE` on, or when both tell
    one attribute of what one may have several of ("My son is Tom" and then Jan).
    """
    if digest_of(new) == digest_of(old):
        return Relation.REPEATS
    one, other = _claim(new), _claim(old)
    if one.attribute and one.attribute == other.attribute:
        if one.value <= other.value:
            return Relation.REPEATS
        return Relation.RESEMBLES if one.several or one.value > other.value else Relation.SUPERSEDES
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
            several: whether one may have more than one such subject.
        taste: what is liked or not; empty when it speaks of no taste. head: of this, what stands before "in", "on" and
            the like. prefers: whether it is put before others.
        denied: whether it denies, or tells a dislike.
    """

    subject: str
    said: frozenset[str]
    attribute: str = ""
    value: frozenset[str] = frozenset()
    several: bool = False
    taste: frozenset[str] = frozenset()
    head: frozenset[str] = frozenset()
    prefers: bool = False
    denied: bool = False


_NOTE = re.compile(r" \(\d{4}-\d\d-\d\d(?: to \d{4}-\d\d-\d\d)?\)")
_SILENT = frozenset[str]().union(*STOP_WORDS.values()) - {"not", "no", "nicht", "ne", "pas", "may"} | frozenset(
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
    r"|amig[oa]|amie?|kamarád\w*|pet|sister|brother|son|daughter|twin|dog|cat|horse|rabbit|parrot|doctor|teacher"
    r"|flatmate|roommate|schwester|bruder|sohn|tochter|hund|katze|kater|oma|opa|tante|onkel|ärztin|arzt"
    r"|herman[oa]|hij[oa]|perr[oa]|gat[oa]|abuel[oa]|tí[oa]|prim[oa]|sœur|soeur|frère|fils|fille|chienn?e?|chatt?e?"
    r"|grand-mère|grand-père|tante|oncle|cousine?|sestra|bratr|syn|dcera|pes|kočka|kocour|babička|děda|teta|strýc)\b",
    re.IGNORECASE,
)
"""Of whom or which one may have several, so that another name may be that of another."""
_CAPITAL = "(?-i:[A-ZÀ-ÖØ-ÞČĎŇŘŠŤŽ])"
_NAMES = rf"(?:the |an? )?{_CAPITAL}[\w'.-]*(?: {_CAPITAL}[\w'.-]*){{0,3}}"
_MONTHS = "|".join(month for spoken in DATE_WORDS.values() for month in spoken.months)
_DAY = rf"(?:.*\d.*|(?:.* )?(?:{_MONTHS})(?: .*)?)"
_FEASTS = "Christmas|Easter|New Year|Halloween|Thanksgiving|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
_WHOSE = r"(?:my|our|[\w-]+'s) [\w' -]{0,40}?"
_MEASURED = "birthday|anniversary|name day|number|age|height|weight|hours|e-?mail"
_PEOPLES = (
    r"\w+(?:ish|ese)|Czech|Slovak|Slovene|German|French|Dutch|Greek|Swiss|Thai|Italian|American|Canadian|Mexican"
    r"|Brazilian|Russian|Ukrainian|Hungarian|Austrian|Romanian|Bulgarian|Croatian|Serbian|Norwegian|Belgian|Indian"
    r"|Australian|African|Asian|European|Korean|Iranian|Iraqi|Israeli|Egyptian|Moroccan|Nigerian|Catholic|Muslim"
    r"|Hindu|Buddhist|Protestant|Orthodox"
)
_BORN = r"^i (?:\w+ )?was born "


def _attribute(pattern: str, name: str = "") -> tuple[str, re.Pattern[str]]:
    return name, re.compile(pattern, re.IGNORECASE)


# Only what has one value at a time, told in a way that shows it: "I live alone" and "My car is red" take nothing back.
_ATTRIBUTES = (
    _attribute(
        rf"^(?!(?:my|our) [\w' -]{{0,40}}\b(?:{_MEASURED})\b)"
        r"(?P<a>(?:my|our) [\w' -]{1,40}?)(?:'s name)? (?:(?:is|are)(?: (?:called|named))?) "
        rf"(?!(?:{_PEOPLES})$)(?P<v>{_CAPITAL}[\w'.-]*(?: {_CAPITAL}[\w'.-]*){{0,3}})$"
    ),
    _attribute(rf"^(?P<a>{_WHOSE}(?:company|employer|team|car|school|university|hometown)) is (?P<v>{_NAMES})$"),
    _attribute(rf"^(?P<a>{_WHOSE}(?:birthday|anniversary|name day)) is (?P<v>{_DAY})$"),
    _attribute(rf"^(?P<a>{_WHOSE}(?:number|age|height|weight|hours)) (?:is|are) (?P<v>.*\d.*)$"),
    _attribute(rf"^(?P<a>{_WHOSE}e-?mail(?: address)?) is (?P<v>\S+@\S+)$"),
    _attribute(rf"^(?P<a>{_WHOSE}job) is (?P<v>an? .+)$"),
    _attribute(
        rf"^(?P<a>{_WHOSE}(?:address|profession|occupation|nationality|type|size|tongue|language|zone|diet|major"
        r"|pronouns|sign|surname|nickname|favou?rite [\w -]{1,30}?|name)) (?:is|are) (?P<v>.+)$"
    ),
    _attribute(r"^(?P<v>.+?) is (?P<a>my favou?rite [\w -]{1,30})$"),
    _attribute(r"^(?:call me|i go by|i'm called) (?P<v>.+)$", "called"),
    _attribute(rf"^i (?:\w+ ){{0,2}}?(?:live in|moved to) (?P<v>{_CAPITAL}.*)$", "lives"),
    _attribute(r"^i (?:\w+ )?work as (?P<v>.+)$", "works as"),
    _attribute(rf"^i (?:\w+ )?work (?:at|for) (?P<v>(?:the )?(?!(?:{_FEASTS})\b){_CAPITAL}.*)$", "works for"),
    _attribute(rf"{_BORN}in (?P<v>\d{{4}})$", "born in year"),
    _attribute(rf"{_BORN}in (?P<v>{_MONTHS})$", "born in month"),
    _attribute(rf"{_BORN}on (?P<v>{_DAY})$", "born on"),
    _attribute(rf"{_BORN}in (?P<v>{_CAPITAL}.*)$", "born in place"),
    _attribute(r"^i(?:'m| am) (?P<v>\d+) years old", "years old"),
    _attribute(
        r"^i(?:'m| am)(?: now)? (?P<v>married|single|divorced|engaged|widowed)(?:$| (?:to|since|for|now|again|and)\b)",
        "married",
    ),
    _attribute(r"^(?P<a>(?:meine?) \w+)(?: heißt|s? name ist) (?P<v>.+)$"),
    _attribute(r"^(?:ich heiße|nenn mich) (?P<v>.+)$", "called"),
    _attribute(rf"^ich (?:wohne|lebe) (?:\w+ )?in (?P<v>{_CAPITAL}.*)$", "lives"),
    _attribute(r"^ich arbeite als (?P<v>.+)$", "works as"),
    _attribute(rf"^ich arbeite bei (?P<v>{_CAPITAL}.*)$", "works for"),
    _attribute(rf"^(?P<a>mein geburtstag) ist (?P<v>{_DAY})$"),
    _attribute(r"^(?P<a>meine? lieblings\w+) ist (?P<v>.+)$"),
    _attribute(r"^(?P<a>mi \w+) se llama (?P<v>.+)$"),
    _attribute(r"^(?:me llamo|llámame) (?P<v>.+)$", "called"),
    _attribute(rf"^(?:yo )?vivo (?:\w+ )?en (?P<v>{_CAPITAL}.*)$", "lives"),
    _attribute(r"^(?:yo )?trabajo como (?P<v>.+)$", "works as"),
    _attribute(rf"^(?P<a>mi cumpleaños) es (?P<v>{_DAY})$"),
    _attribute(r"^(?P<a>(?:mon|ma) [\w-]+) s'appelle (?P<v>.+)$"),
    _attribute(r"^(?:je m'appelle|appelle-moi) (?P<v>.+)$", "called"),
    _attribute(rf"^(?:j'habite|je vis) (?:\w+ )?(?:à|en|au|aux) (?P<v>{_CAPITAL}.*)$", "lives"),
    _attribute(rf"^(?P<a>mon anniversaire) est (?P<v>{_DAY})$"),
    _attribute(r"^(?P<a>(?:moje|můj|má) \w+) se jmenuje (?P<v>.+)$"),
    _attribute(r"^(?:jmenuj[iu] se|říkej mi) (?P<v>.+)$", "called"),
    _attribute(rf"^(?:bydlím|žij[iu]) (?:\w+ )?(?:v|ve|na) (?P<v>{_CAPITAL}.*)$", "lives"),
    _attribute(r"^pracuj[iu] jako (?P<v>.+)$", "works as"),
    _attribute(rf"^(?P<a>moje narozeniny) jsou (?P<v>{_DAY})$"),
)
"""What a claim tells as its attribute: of that name, or as the group `a` says; the group `v` is the value."""
_SAME = {"our": "my"}
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
    for name, pattern in _ATTRIBUTES:
        if not denied and (told := pattern.match(plain)):
            value, whose = _meant(told["v"]) | _numbers(content), told.groupdict().get("a", "")
            several = bool(_MANY.search(whose))
            return _Claim(subject=subject, said=said, attribute=name or _named(whose), value=value, several=several)
    return _Claim(subject=subject, said=said, denied=denied)


def _named(whose: str) -> str:
    return " ".join(_SAME.get(word, word) for word in _stems(whose.removesuffix("'s name")))


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
