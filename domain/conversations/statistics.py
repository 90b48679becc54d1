"""What happened in the conversations of a workspace, day by day."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from domain.errors import Fault, Invalid

MOST_DAYS = 400
DEFAULT_RANGE = "7d"
_LAST_DAYS = {"today": 1, "7d": 7, "30d": 30, "90d": 90, "365d": 365}
_CUSTOM = re.compile(r"\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}", re.ASCII)
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRange:
    """Whole days, `first` to `last`, both included, as they are in a time zone (an IANA name); 1 to 400.

    Raises:
        Invalid: it holds none or more, or some before 2000 or after 2099.
    """

    first: date
    last: date
    timezone: str

    def __post_init__(self) -> None:
        if not _FIRST <= self.first <= self.last <= _LAST:
            raise _bad_range("A range begins before it ends, between 2000-01-01 and 2099-12-31.")
        if (self.last - self.first).days >= MOST_DAYS:
            raise _bad_range(f"A range has at most {MOST_DAYS} days.")

    @classmethod
    def named(cls, name: str, timezone: str, now: datetime) -> Self:
        """The range of this name at the moment `now`: `7d` is today and the six days before.

        Raises:
            Invalid: nothing has this name.
        """
        today = now.astimezone(ZoneInfo(timezone)).date()
        if name == "yesterday":
            return cls(first=today - timedelta(days=1), last=today - timedelta(days=1), timezone=timezone)
        if name in _LAST_DAYS:
            return cls(first=today - timedelta(days=_LAST_DAYS[name] - 1), last=today, timezone=timezone)
        first, last = _custom(name)
        return cls(first=first, last=last, timezone=timezone)

    @property
    def dates(self) -> Sequence[date]:
        """Each day, in order."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def bounds(self) -> Sequence[datetime]:
        """The midnights, in UTC, at which the days begin, and the one at which the last ends.

        Where clocks skip midnight, the day begins when they do; where they repeat it, the first time.
        """
        zone = ZoneInfo(self.timezone)
        midnights = [*self.dates, self.last + timedelta(days=1)]
        return [datetime.combine(day, time(), zone).astimezone(UTC) for day in midnights]


def _custom(name: str) -> tuple[date, date]:
    first, _, last = name.partition("..") if _CUSTOM.fullmatch(name) else ("", "", "")
    try:
        return date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        sentence = "A range is today, yesterday, 7d, 30d, 90d, 365d, or two dates: 2026-01-31..2026-02-28."
        raise _bad_range(sentence) from None


def _bad_range(sentence: str) -> Invalid:
    return Invalid(Fault("/range", "bad_range", sentence))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCounts:
    """Messages by whose words they hold; of the assistant's, those whose reply was completed."""

    visitor: int = 0
    member: int = 0
    assistant: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCounts:
    """What the assistant was asked, each question once however often it was tried, as of the end of the range.

    Attributes:
        answered: counted on the day of the first answer. unanswered: of the first try.
    """

    answered: int = 0
    unanswered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTimes:
    """How long visitors waited for `count` replies; percentiles by the nearest rank, None when there is no reply."""

    median_seconds: float | None = None
    p90_seconds: float | None = None
    count: int = 0

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        """The times of these replies."""
        ordered = sorted(seconds)
        return cls(median_seconds=_rank(ordered, 0.5), p90_seconds=_rank(ordered, 0.9), count=len(ordered))


def _rank(ordered: Sequence[float], share: float) -> float | None:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackCounts:
    """What visitors think of replies: the newest word on each."""

    up: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What happened in conversations over some time.

    Attributes:
        conversations: that were started.
        assistant_responses: from the question, or the wish to have it answered once more, to the whole reply.
        member_responses: from what nobody had answered to a member's message.
        booking_links: replies with a way to book.
        minutes_saved: of people's time.
        persons_requested: how often a visitor began to wait for a person. taken_over: how often one came.
    """

    conversations: int = 0
    messages: MessageCounts = field(default_factory=MessageCounts)
    questions: QuestionCounts = field(default_factory=QuestionCounts)
    assistant_responses: ResponseTimes = field(default_factory=ResponseTimes)
    member_responses: ResponseTimes = field(default_factory=ResponseTimes)
    feedback: FeedbackCounts = field(default_factory=FeedbackCounts)
    booking_links: int = 0
    minutes_saved: int = 0
    persons_requested: int = 0
    taken_over: int = 0

    @property
    def counts(self) -> Mapping[str, Any]:
        """All of this by name, without what a subclass adds."""
        return {each.name: getattr(self, each.name) for each in fields(Happened)}
