import re
from collections.abc import Iterator

from domain.knowledge.lines import ITEM, Kind, kind_of, lines

# What a full stop after these does not end. The second set is so only before a number ("No. 5"), and the third ends a
# sentence when a capital letter follows ("until 9 a.m. Then we close").
_ABBREVIATIONS = frozenset(
    "dr mr mrs ms mx prof rev hon sr sra jr st mt ft vs approx ca etc incl excl esp est min max ext dept tel resp "
    "str bzw usw evtl ggf inkl exkl zzgl hr fr sog vgl geb mme mlle ing mgr mudr judr phdr bc tzv např popř apod atd "
    "ul nám tř ud uds avda pág aprox dra mons jan feb mar apr jun jul aug sep sept oct nov dec mo mon tue tues wed thu "
    "thur thurs fri sat sun".split()
)
_BEFORE_NUMBERS = frozenset("no nos nr art fig p pp vol ch sec núm č čp".split())
_CLOCK = frozenset({"a.m", "p.m"})
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_STOP = re.compile(r"[.!?…]+|[。！？｡]+")  # noqa: RUF001 (full-width stops are what is looked for)
_WIDE = "。！？｡"  # noqa: RUF001 (the same)
_CLOSERS = frozenset("\"'”’»)]}*_）」』】")  # noqa: RUF001 (the same)
_OPENERS = "\"'“‘„«([{*_¿¡"  # noqa: RUF001 (the same)
_VISIBLE = re.compile(r"\S")
_LONGEST_WORD = 24


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text` in order, without the white space around them; nothing else of it is lost.

    A heading, list item or table row begins a new one, a single line break does not. Abbreviations, initials, decimals
    and times of day do not end one.
    """
    return tuple(text[start:end] for start, end in sentence_spans(text, 0, len(text)))


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the sentences of `text[start:end]` begin and end in `text`."""
    for first, last in _paragraphs(text, start, end):
        here = first
        for stop in _stops(text, first, last):
            yield from trimmed(text, here, stop)
            here = stop
        yield from trimmed(text, here, last)


def trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without the white space around it, or none when it holds nothing else."""
    piece = text[start:end]
    if stripped := piece.strip():
        start += len(piece) - len(piece.lstrip())
        yield start, start + len(stripped)


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    first = start
    inside: Kind | None = None
    for offset, line in lines(text, start, end):
        kind = kind_of(line)
        if offset > first and (kind is not Kind.TEXT or inside in (Kind.HEADING, Kind.ROW)):
            yield first, offset
            first = offset
        inside = kind
    yield first, end


def _stops(text: str, start: int, end: int) -> Iterator[int]:
    marker = ITEM.match(text, start, end)
    for stop in _STOP.finditer(text, marker.end() if marker else start, end):
        after = stop.end()
        while after < end and text[after] in _CLOSERS:
            after += 1
        if stop.group()[0] in _WIDE or (after < end and text[after].isspace() and _ends(text, start, stop, after, end)):
            yield after


def _ends(text: str, start: int, stop: re.Match[str], after: int, end: int) -> bool:
    """Whether the full stop ends a sentence, judged by the word before it and the character after the white space."""
    following = _VISIBLE.search(text, after, end)
    successor = following.group() if following else ""
    return not successor.islower() and not (stop.group() == "." and _abbreviates(text, start, stop.start(), successor))


def _abbreviates(text: str, start: int, dot: int, successor: str) -> bool:
    before = text[max(start, dot - _LONGEST_WORD) : dot].split()
    word = before[-1].lstrip(_OPENERS) if before else ""
    lower = word.lower()
    if lower in _CLOCK:
        return not successor.isupper()
    if lower in _BEFORE_NUMBERS:
        return successor.isdigit()
    return lower in _ABBREVIATIONS or (word != "I" and bool(_INITIALS.fullmatch(word)))
