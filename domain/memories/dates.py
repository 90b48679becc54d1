"""Dates as people say them, made days of the calendar."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from domain.memories.date_words import DATE_WORDS, DateWords
from domain.words import primary

_WEEK = 7
_YEAR = 12
_SEASON_MONTHS = 3
_LEAP_YEARS = 9
"""Among so many years in a row one has a 29 February."""
_FARTHEST_UNITS = 150
_FARTHEST = 3_650
"""How many days from today an amount of time may lead."""


class Leaning(StrEnum):
    """Which one a bare "Friday" or "March" means: that before today, or that to come."""

    PAST = "past"
    FUTURE = "future"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidDate:
    """Days that a text names in `text[start:end]`.

    Attributes:
        first, last: the days, both included.
        told: whether these words would mean other days when said at another time, so that a date is to be noted.
        bare: whether they name but a weekday, month, season or feast, of which there are many: the one that is meant,
            if one is at all, is only likely.
    """

    start: int
    end: int
    first: date
    last: date
    told: bool
    bare: bool = False

    @property
    def written(self) -> str:
        """The days as ISO 8601 dates."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def dates_in(text: str, today: date, leaning: Leaning, language: str = "en") -> tuple[SaidDate, ...]:
    """The days that `text`, said `today`, names, in order; none overlaps another.

    Weeks are those of ISO 8601, so that "next Friday" is the one of the week from Monday on; "last" and "next" of
    months and seasons leave the one out that is. So many weeks, months or years "ago" are a whole one each. Seasons are
    those of the northern hemisphere, by whole months, from March on. The end of a time is its last day when it is to
    come, and else its last third. A day and a month without a year are of the nearest year that has such a day. What is
    said of every such weekday ("on Fridays") names no day. Of a language we have no words for, dates as of ISO 8601 are
    found.
    """
    said: list[SaidDate] = []
    for found in sorted(_found(text, today, leaning, language), key=lambda each: (each.start, -each.end)):
        if not said or found.start >= said[-1].end:
            said.append(found)
    return tuple(said)


def dated(text: str, said: tuple[SaidDate, ...]) -> str:
    """`text` with the dates it tells by the day of its saying noted behind them: "on Friday (2026-11-27)"."""
    for each in reversed(said):
        if each.told:
            text = f"{text[: each.end]} ({each.written}){text[each.end :]}"
    return text


def moments(first: date, last: date, timezone: str) -> tuple[datetime, datetime]:
    """When the days from `first` to `last` begin, and when they have ended, in a time zone (an IANA name)."""
    zone = ZoneInfo(timezone)
    return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)


def _found(text: str, today: date, leaning: Leaning, language: str) -> Iterator[SaidDate]:
    for match in _ISO.finditer(text):
        yield from _said(match, lambda match: _one(_day(int(match[1]), int(match[2]), int(match[3]))), told=False)
    known = primary(language)
    if known not in DATE_WORDS:
        return
    reader, patterns = _Reader(DATE_WORDS[known], today, leaning), _patterns(known)
    for pattern, read, told in (
        (patterns.fixed, reader.fixed, True),
        (patterns.amount, reader.amount, True),
        (patterns.full, reader.full, False),
        (patterns.named, reader.named, True),
    ):
        for match in pattern.finditer(text):
            yield from _said(match, read, told=told and not _has_year(match), bare=_is_bare(match))


def _said(
    match: re.Match[str], read: Callable[[re.Match[str]], tuple[date, date] | None], *, told: bool, bare: bool = False
) -> Iterator[SaidDate]:
    try:
        days = read(match)
    except (ValueError, OverflowError):  # 30 February
        return
    if days is not None:
        yield SaidDate(start=match.start(), end=match.end(), first=days[0], last=days[1], told=told, bare=bare)


def _has_year(match: re.Match[str]) -> bool:
    return bool(match.groupdict().get("year"))


def _is_bare(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return "name" in groups and not any(groups[each] for each in ("before", "after", "which", "which2", "year"))


@dataclass(frozen=True, slots=True)
class _Patterns:
    fixed: re.Pattern[str]
    amount: re.Pattern[str]
    full: re.Pattern[str]
    named: re.Pattern[str]


_ISO = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])")


@cache
def _patterns(language: str) -> _Patterns:
    """The language's patterns; every one is bounded, so that each takes time in proportion to the text."""
    words = DATE_WORDS[language]
    months = "|".join(words.months)
    unit = f"(?P<unit>{words.day}|{words.week}|{words.month}|{words.year})"
    amount = rf"(?:(?P<ahead>{words.ahead[0]}) |(?P<ago>{words.ago[0]}) )?(?P<number>{words.number}) {unit}"
    ago = rf"(?P<after> {words.ago[1]})?" if words.ago[1] else "(?P<after>)"
    units = (words.week, words.month, words.year, words.weekend)
    feasts = (feast[0] for feast in words.feasts)
    names = "|".join((*feasts, *units, *words.weekdays, *words.seasons, months))
    which = f"{words.next}|{words.last}|{words.this}"
    article = r"(?:(?:the|der|die|das|den|dem|el|la|los|le|les) |l['’])?"  # noqa: RUF001 (as people type)
    before = rf"(?:(?P<end>{words.end}) )?{article}(?:(?P<before>{which}) )?"
    within = rf"(?:(?P<within>{words.within}) )?"
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|º)?"
    year = r"(?:,? (?:de |del )?(?P<year>(?:19|20)\d\d))?"
    of = "(?:of |de |del |de la |de l['’])?"  # noqa: RUF001 (as people type)
    relative = f" {of}(?:(?P<which>{which}) (?:{words.year})|(?:{words.year}) (?P<which2>{which}))"
    habit = rf"(?:(?P<habit>{words.habit}) )?"
    return _Patterns(
        fixed=_whole("|".join(f"(?P<d{at}>{pattern})" for at, pattern in enumerate(words.days))),
        amount=_whole(amount + ago),
        full=_whole(
            rf"{day} (?:of |de )?(?P<month>{months}){year}"
            rf"|(?P<month2>{months}) (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year2>(?:19|20)\d\d))?"
        ),
        named=_whole(rf"{within}{habit}{before}(?P<name>{names})(?:{relative}|(?: (?P<after>{which}))?{year})"),
    )


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern.replace(' ', '[ ]')})(?![\w'’-])", re.IGNORECASE)  # noqa: RUF001 (the same)


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the matches of a language's patterns mean to one who says them on a day."""

    words: DateWords
    today: date
    leaning: Leaning

    def fixed(self, match: re.Match[str]) -> tuple[date, date]:
        at = int(str(match.lastgroup)[1:])
        day = self.today + timedelta(days=list(self.words.days.values())[at])
        return day, day

    def amount(self, match: re.Match[str]) -> tuple[date, date] | None:
        back = bool(match["ago"] or match["after"])
        if not back and not match["ahead"]:
            return None
        number = self._number(match["number"]) * (-1 if back else 1)
        unit = match["unit"]
        if back and not self._is(self.words.day, unit):
            return self._unit(unit, number) if abs(number) <= _FARTHEST_UNITS else None
        if self._is(self.words.year, unit):
            return _one(_months_on(self.today, number * _YEAR))
        if self._is(self.words.month, unit):
            return _one(_months_on(self.today, number))
        days = number * (_WEEK if self._is(self.words.week, unit) else 1)
        return None if abs(days) > _FARTHEST else _one(self.today + timedelta(days=days))

    def full(self, match: re.Match[str]) -> tuple[date, date] | None:
        month, day = match["month"] or match["month2"], int(match["day"] or match["day2"])
        year = match["year"] or match["year2"]
        number = self._place(self.words.months, month) + 1
        if year:
            return _one(_day(int(year), number, day))
        on = 1 if self.leaning is Leaning.FUTURE else -1
        days = (_day_of(self.today.year + on * step, number, day) for step in range(_LEAP_YEARS))
        here = next((each for each in days if each and on * (each - self.today).days >= 0), None)
        return None if here is None else _one(here)

    def named(self, match: re.Match[str]) -> tuple[date, date] | None:
        days = self._span(match)
        if days is None or not match["end"]:
            return days
        first, last = days
        return (last if self.leaning is Leaning.FUTURE else last - (last - first) // 3), last

    def _span(self, match: re.Match[str]) -> tuple[date, date] | None:
        name, which = match["name"], self._which(match["before"] or match["after"])
        if (weekday := self._place(self.words.weekdays, name)) >= 0:
            return None if match["habit"] and which is None else _one(self._weekday(weekday, which))
        if (season := self._place(self.words.seasons, name)) >= 0:
            first = season * _SEASON_MONTHS + 3
            return self._yearly(lambda year: _whole_months(date(year, first, 1), _SEASON_MONTHS), which, match)
        if (month := self._place(self.words.months, name)) >= 0:
            return self._yearly(lambda year: _whole_months(date(year, month + 1, 1), 1), which, match)
        for pattern, of, first, last in self.words.feasts:
            if self._is(pattern, name):
                return self._yearly(_feast(of, first, last), which, match)
        if which is None:
            if not match["end"]:
                return None
            which = 0
        return self._unit(name, which)

    def _unit(self, name: str, which: int) -> tuple[date, date]:
        monday = self.today - timedelta(days=self.today.weekday()) + timedelta(days=_WEEK * which)
        if self._is(self.words.weekend, name):
            return monday + timedelta(days=5), monday + timedelta(days=6)
        if self._is(self.words.week, name):
            return monday, monday + timedelta(days=6)
        if self._is(self.words.month, name):
            return _whole_months(_months_on(self.today.replace(day=1), which), 1)
        return _whole_months(date(self.today.year + which, 1, 1), _YEAR)

    def _weekday(self, weekday: int, which: int | None) -> date:
        monday = self.today - timedelta(days=self.today.weekday())
        if which is None:
            which = 1 if self.leaning is Leaning.FUTURE else -1
            ahead = (weekday - self.today.weekday()) % _WEEK or _WEEK
            return self.today + timedelta(days=ahead if which > 0 else (ahead - _WEEK) or -_WEEK)
        if which < 0:
            return self.today - timedelta(days=(self.today.weekday() - weekday) % _WEEK or _WEEK)
        return monday + timedelta(days=weekday + _WEEK * which)

    def _yearly(
        self, days_of: Callable[[int], tuple[date, date]], which: int | None, match: re.Match[str]
    ) -> tuple[date, date] | None:
        """Those days of the year that is meant, of what comes once a year."""
        if match["year"]:
            return days_of(int(match["year"]))
        if year := match["which"] or match["which2"]:
            return days_of(self.today.year + (self._which(year) or 0))
        if which is None and not match["within"]:
            return None
        spans = [days_of(self.today.year + step) for step in (-2, -1, 0, 1, 2)]
        past = [span for span in spans if span[1] < self.today]
        coming = [span for span in spans if span[0] > self.today]
        now = [span for span in spans if span[0] <= self.today <= span[1]]
        if which is None:
            return (now or (coming if self.leaning is Leaning.FUTURE else past[::-1]))[0]
        if which == 0:
            return (now or [span for span in spans if span[0].year == self.today.year])[0]
        return coming[0] if which > 0 else past[-1]

    def _which(self, word: str | None) -> int | None:
        if not word:
            return None
        if self._is(self.words.next, word):
            return 1
        return -1 if self._is(self.words.last, word) else 0

    def _number(self, word: str) -> int:
        return int(word) if word.isdecimal() else self._place(self.words.numbers, word) + 1

    def _place(self, patterns: tuple[str, ...], word: str) -> int:
        return next((at for at, pattern in enumerate(patterns) if self._is(pattern, word)), -1)

    @staticmethod
    def _is(pattern: str, word: str) -> bool:
        return re.fullmatch(pattern, word, re.IGNORECASE) is not None


def _feast(month: int, first: int, last: int) -> Callable[[int], tuple[date, date]]:
    return lambda year: (date(year, month, first), date(year, month, last))


def _one(day: date) -> tuple[date, date]:
    return day, day


def _day(year: int, month: int, day: int) -> date:
    return date(year, month, day)


def _day_of(year: int, month: int, day: int) -> date | None:
    """The day, or None in a year that has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _months_on(day: date, months: int) -> date:
    """The day so many months later, or the last of that month when it has no such day."""
    year, month = divmod(day.year * _YEAR + day.month - 1 + months, _YEAR)
    following = date(year + (month + 1) // _YEAR, (month + 1) % _YEAR + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def _whole_months(first: date, count: int) -> tuple[date, date]:
    return first, _months_on(first, count) - timedelta(days=1)
