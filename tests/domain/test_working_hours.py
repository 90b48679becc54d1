from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.mail import WorkingHours

PRAGUE = ZoneInfo("Europe/Prague")
"""Clocks go forward from 02:00 to 03:00 on 29 March 2026, and back from 03:00 to 02:00 on 25 October, both Sundays."""
ZONES = "UTC Europe/Prague America/St_Johns Australia/Lord_Howe Asia/Kathmandu Africa/Cairo Pacific/Apia".split()
EVERY_DAY = frozenset(range(7))
MONDAY, FRIDAY, SUNDAY = 0, 4, 6

clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
hours = st.builds(WorkingHours, days=st.frozensets(st.integers(0, 6), min_size=1), opens=clocks, closes=clocks)
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(2009, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (the bounds take no zone)


def working(opens: str, closes: str, *days: int) -> WorkingHours:
    return WorkingHours(
        days=frozenset(days) or EVERY_DAY, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
    )


def at(text: str, zone: ZoneInfo = PRAGUE, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


@given(hours, zones, moments)
@example(working("00:00", "00:00", FRIDAY), ZoneInfo("Pacific/Apia"), at("2011-12-29T12:00", ZoneInfo("UTC")))
@example(working("02:10", "02:50", SUNDAY), PRAGUE, at("2026-03-29T00:00"))
def test_the_next_opening_is_the_first_moment_from_now_on_that_is_working_time(
    hours: WorkingHours, zone: ZoneInfo, now: datetime
) -> None:
    opening = hours.next_opening(now, zone)
    assert opening >= now
    assert opening.tzinfo is UTC
    assert hours.open_at(opening, zone)
    if opening == now:
        return
    assert not hours.open_at(opening - timedelta(microseconds=1), zone)
    step = (opening - now) / 50
    assert not any(hours.open_at(now + number * step, zone) for number in range(50))


@given(hours, moments)
def test_where_clocks_never_change_working_time_is_what_the_clock_says(hours: WorkingHours, now: datetime) -> None:
    clock, today, yesterday = now.time(), now.weekday() in hours.days, (now.weekday() - 1) % 7 in hours.days
    if hours.opens < hours.closes:
        expected = today and hours.opens <= clock < hours.closes
    else:
        expected = (today and clock >= hours.opens) or (yesterday and clock < hours.closes)
    assert hours.open_at(now, ZoneInfo("UTC")) is expected


@given(hours, zones, moments)
def test_nobody_waits_for_longer_than_two_weeks(hours: WorkingHours, zone: ZoneInfo, now: datetime) -> None:
    assert hours.next_opening(now, zone) - now <= timedelta(days=15)


def test_a_shift_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    night = working("22:00", "06:00", FRIDAY)
    assert night.open_at(at("2026-01-02T22:00"), PRAGUE)  # a Friday
    assert night.open_at(at("2026-01-03T05:59"), PRAGUE)
    assert not night.open_at(at("2026-01-03T06:00"), PRAGUE)
    assert not night.open_at(at("2026-01-03T22:00"), PRAGUE)
    assert not night.open_at(at("2026-01-02T05:00"), PRAGUE)


def test_one_time_to_itself_is_a_whole_day() -> None:
    assert working("00:00", "00:00", MONDAY).open_at(at("2026-01-05T23:59"), PRAGUE)
    assert not working("00:00", "00:00", MONDAY).open_at(at("2026-01-06T00:00"), PRAGUE)
    assert working("09:00", "09:00", MONDAY).open_at(at("2026-01-06T08:59"), PRAGUE)


def test_until_midnight_ends_at_midnight() -> None:
    evening = working("18:00", "00:00", MONDAY)
    assert evening.open_at(at("2026-01-05T23:59"), PRAGUE)
    assert not evening.open_at(at("2026-01-06T00:00"), PRAGUE)


def test_the_zone_says_what_day_it_is() -> None:
    assert working("09:00", "17:00", MONDAY).next_opening(at("2026-01-04T22:00", ZoneInfo("UTC")), PRAGUE) == at(
        "2026-01-05T09:00"
    )


class TestChangesOfTheClock:
    def test_hours_follow_the_clock_on_the_wall(self) -> None:
        office = working("09:00", "17:00")
        assert office.next_opening(at("2026-03-28T18:00"), PRAGUE).hour == 7  # UTC; the day before it was 8
        assert office.next_opening(at("2026-10-24T18:00"), PRAGUE).hour == 8

    def test_an_opening_that_the_clocks_skip_is_as_long_after_midnight(self) -> None:
        opening = working("02:30", "09:00").next_opening(at("2026-03-29T00:00"), PRAGUE)
        assert opening.astimezone(PRAGUE) == at("2026-03-29T03:30")

    def test_a_shift_that_the_clocks_swallow_is_none(self) -> None:
        swallowed = working("02:30", "03:00", SUNDAY)
        assert swallowed.next_opening(at("2026-03-29T00:00"), PRAGUE) == at("2026-04-05T02:30")

    def test_of_a_time_that_comes_twice_the_first_counts(self) -> None:
        early, late = at("2026-10-25T02:15"), at("2026-10-25T02:15", fold=1)
        assert working("01:00", "02:30").open_at(early, PRAGUE)
        assert not working("01:00", "02:30").open_at(late, PRAGUE)
        assert not working("02:30", "09:00").open_at(early, PRAGUE)
        assert working("02:30", "09:00").open_at(late, PRAGUE)


@pytest.mark.parametrize(
    ("days", "opens", "pointer"),
    [
        (frozenset[int](), time(9), "/days"),
        (frozenset({7}), time(9), "/days"),
        (frozenset({-1, 3}), time(9), "/days"),
        (EVERY_DAY, time(9, tzinfo=UTC), "/opens"),
    ],
)
def test_hours_that_are_none_are_refused(days: frozenset[int], opens: time, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        WorkingHours(days=days, opens=opens, closes=time(17))
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
