from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conversations.statistics import MOST_DAYS, DayRange, Happened, ResponseTimes
from domain.errors import Invalid

NOW = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)  # in Prague, half past midnight of the 30th
ZONES = ["Europe/Prague", "America/New_York", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"]


def days(first: str, last: str, timezone: str = "UTC") -> DayRange:
    return DayRange(first=date.fromisoformat(first), last=date.fromisoformat(last), timezone=timezone)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", "2026-03-30", "2026-03-30"),
        ("yesterday", "2026-03-29", "2026-03-29"),
        ("7d", "2026-03-24", "2026-03-30"),
        ("30d", "2026-03-01", "2026-03-30"),
        ("90d", "2025-12-31", "2026-03-30"),
        ("365d", "2025-03-31", "2026-03-30"),
        ("2026-01-31..2026-02-28", "2026-01-31", "2026-02-28"),
        ("2026-01-31..2026-01-31", "2026-01-31", "2026-01-31"),
        ("2099-12-31..2099-12-31", "2099-12-31", "2099-12-31"),
    ],
)
def test_a_range_is_found_by_its_name_on_the_days_of_its_time_zone(name: str, first: str, last: str) -> None:
    assert DayRange.named(name, "Europe/Prague", NOW) == days(first, last, "Europe/Prague")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "7D",
        "8d",
        " 7d",
        "2026-02-01",
        "2026-02-01..",
        "2026-02-01..2026-02-30",
        "2026-02-02..2026-02-01",
        "2026-2-1..2026-2-2",
        "20260201..20260202",
        "٢٠٢٦-02-01..2026-02-02",
        "2026-02-01..2026-02-02..2026-02-03",
        "2026-02-01..2026-02-02\n",
        "1999-12-31..2000-01-01",
        "2099-12-31..2100-01-01",
        "0000-01-01..0000-01-02",
        "2025-01-01..2026-02-05",
    ],
)
def test_another_name_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(Invalid, match="A range ") as refused:
        DayRange.named(name, "UTC", NOW)
    assert [fault.pointer for fault in refused.value.faults] == ["/range"]


def test_a_range_has_at_most_400_days() -> None:
    assert len(days("2025-01-01", "2026-02-04").dates) == MOST_DAYS


def test_days_are_as_long_as_the_clocks_make_them() -> None:
    spring = days("2026-03-28", "2026-03-30", "Europe/Prague").bounds
    autumn = days("2026-10-24", "2026-10-26", "Europe/Prague").bounds
    assert _hours(spring) == [24, 23, 24]
    assert _hours(autumn) == [24, 25, 24]
    assert spring[0] == datetime(2026, 3, 27, 23, tzinfo=UTC)


def test_a_day_whose_midnight_is_skipped_begins_when_the_clocks_go_on() -> None:
    bounds = days("2026-04-23", "2026-04-24", "Africa/Cairo").bounds
    assert bounds[1] == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert _hours(bounds) == [24, 23]


def test_a_day_whose_midnight_comes_twice_begins_with_the_first() -> None:
    bounds = days("2026-10-31", "2026-11-01", "America/Havana").bounds
    assert bounds[1] == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert _hours(bounds) == [24, 25]


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2012, 1, 2), datetime(2037, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 (Hypothesis wants them so)
)
def test_every_moment_is_on_the_day_that_its_clock_shows(timezone: str, at: datetime) -> None:
    shown = at.astimezone(ZoneInfo(timezone)).date()
    around = DayRange(first=shown - timedelta(days=1), last=shown + timedelta(days=1), timezone=timezone)
    assert around.dates[bisect_right(around.bounds, at) - 1] == shown


@given(st.dates(date(2000, 1, 1), date(2098, 1, 1)), st.integers(0, MOST_DAYS - 1), st.sampled_from(ZONES))
def test_a_range_has_each_of_its_days_once_and_in_order(first: date, more: int, timezone: str) -> None:
    found = DayRange(first=first, last=first + timedelta(days=more), timezone=timezone)
    assert len(found.dates) == more + 1
    assert len(found.bounds) == more + 2
    assert list(found.bounds) == sorted(set(found.bounds))
    assert (found.dates[0], found.dates[-1]) == (found.first, found.last)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_half_of_the_replies_came_within_the_median_and_nine_of_ten_within_the_90th_percentile(
    seconds: list[float],
) -> None:
    times = ResponseTimes.of(seconds)
    assert times.median_seconds is not None
    assert times.p90_seconds is not None
    assert times.count == len(seconds)
    assert sum(each <= times.median_seconds for each in seconds) >= 0.5 * len(seconds)
    assert sum(each < times.median_seconds for each in seconds) < 0.5 * len(seconds)
    assert sum(each <= times.p90_seconds for each in seconds) >= 0.9 * len(seconds)
    assert sum(each < times.p90_seconds for each in seconds) < 0.9 * len(seconds)


def test_where_nobody_was_answered_there_are_no_times() -> None:
    assert ResponseTimes.of([]) == ResponseTimes() == Happened().assistant_responses


def _hours(bounds: Sequence[datetime]) -> list[float]:

    return [(after - before) / timedelta(hours=1) for before, after in pairwise(bounds)]
