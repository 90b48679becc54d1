from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.memories.date_words import DATE_WORDS
from domain.memories.dates import Leaning, dated, dates_in, moments

SATURDAY = date(2026, 11, 21)


def said(text: str, language: str = "en", leaning: Leaning = Leaning.FUTURE, today: date = SATURDAY) -> list[str]:
    return [each.written for each in dates_in(text, today, leaning, language)]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("today", "2026-11-21"),
        ("this evening", "2026-11-21"),
        ("tomorrow", "2026-11-22"),
        ("the day after tomorrow", "2026-11-23"),
        ("yesterday", "2026-11-20"),
        ("by Friday", "2026-11-27"),
        ("on saturday", "2026-11-28"),
        ("this Friday", "2026-11-20"),
        ("next Friday", "2026-11-27"),
        ("last Friday", "2026-11-20"),
        ("last Saturday", "2026-11-14"),
        ("in two weeks", "2026-12-05"),
        ("in 3 days", "2026-11-24"),
        ("in a month", "2026-12-21"),
        ("five years ago", "2021-01-01 to 2021-12-31"),
        ("two weeks ago", "2026-11-02 to 2026-11-08"),
        ("a month ago", "2026-10-01 to 2026-10-31"),
        ("3 days ago", "2026-11-18"),
        ("in October last year", "2025-10-01 to 2025-10-31"),
        ("last Christmas", "2025-12-24 to 2025-12-26"),
        ("at Christmas", "2026-12-24 to 2026-12-26"),
        ("on New Year's Eve", "2026-12-31"),
        ("this weekend", "2026-11-21 to 2026-11-22"),
        ("next week", "2026-11-23 to 2026-11-29"),
        ("last month", "2026-10-01 to 2026-10-31"),
        ("next year", "2027-01-01 to 2027-12-31"),
        ("last spring", "2026-03-01 to 2026-05-31"),
        ("last autumn", "2025-09-01 to 2025-11-30"),
        ("this winter", "2026-12-01 to 2027-02-28"),
        ("last winter", "2025-12-01 to 2026-02-28"),
        ("spring 2025", "2025-03-01 to 2025-05-31"),
        ("in March", "2027-03-01 to 2027-03-31"),
        ("last March", "2026-03-01 to 2026-03-31"),
        ("March 2024", "2024-03-01 to 2024-03-31"),
        ("4 March", "2027-03-04"),
        ("the 4th of March", "2027-03-04"),
        ("March 4th, 2028", "2028-03-04"),
        ("by the end of the month", "2026-11-30"),
        ("the end of next week", "2026-11-29"),
        ("2026-12-24", "2026-12-24"),
    ],
)
def test_english_names_days(text: str, written: str) -> None:
    assert said(f"I will call {text}, I promise.") == [written]


@pytest.mark.parametrize(
    ("language", "text", "written"),
    [
        ("de", "morgen", "2026-11-22"),
        ("de", "nächsten Freitag", "2026-11-27"),
        ("de", "letzten Frühling", "2026-03-01 to 2026-05-31"),
        ("de-AT", "vor drei Tagen", "2026-11-18"),
        ("de", "am 4. März", "2027-03-04"),
        ("de", "Ende des Monats", "2026-11-30"),
        ("es", "mañana", "2026-11-22"),
        ("es", "la semana que viene", "2026-11-23 to 2026-11-29"),
        ("es", "la primavera pasada", "2026-03-01 to 2026-05-31"),
        ("es", "hace tres días", "2026-11-18"),
        ("es", "el 4 de marzo", "2027-03-04"),
        ("fr", "demain", "2026-11-22"),
        ("fr", "vendredi prochain", "2026-11-27"),
        ("fr", "l'hiver dernier", "2025-12-01 to 2026-02-28"),
        ("fr", "il y a trois jours", "2026-11-18"),
        ("fr", "le 4 mars", "2027-03-04"),
        ("cs", "zítra", "2026-11-22"),
        ("cs", "příští pátek", "2026-11-27"),
        ("cs", "minulé jaro", "2026-03-01 to 2026-05-31"),
        ("cs", "před třemi dny", "2026-11-18"),
        ("cs", "4. března", "2027-03-04"),
    ],
)
def test_other_languages_name_days(language: str, text: str, written: str) -> None:
    assert said(text, language) == [written]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I may march on, spring or fall, for two weeks or three days, and I love Christmas."),
        ("en", "on 30 February"),
        ("en", "a second Mondayish thing of 2026-13-45"),
        ("de", "guten Morgen, jeden Morgen"),
        ("es", "por la mañana"),
        ("xx", "tomorrow"),
    ],
)
def test_words_that_only_look_like_days_name_none(language: str, text: str) -> None:
    assert said(text, language) == []


def test_a_bare_name_means_the_day_before_or_to_come() -> None:
    text = "Friday, in March, 4 May, 4 December"
    past = ["2026-11-20", "2026-03-01 to 2026-03-31", "2026-05-04", "2025-12-04"]
    coming = ["2026-11-27", "2027-03-01 to 2027-03-31", "2027-05-04", "2026-12-04"]

    assert said(text, leaning=Leaning.PAST) == past
    assert said(text, leaning=Leaning.FUTURE) == coming


def test_the_end_of_a_time_is_a_day_to_come_or_some_that_were() -> None:
    assert said("at the end of August", leaning=Leaning.FUTURE) == ["2027-08-31"]
    assert said("at the end of August", leaning=Leaning.PAST) == ["2026-08-21 to 2026-08-31"]


def test_a_season_that_is_now_is_neither_the_last_nor_the_next() -> None:
    april = date(2026, 4, 10)

    assert said("last spring", today=april) == ["2025-03-01 to 2025-05-31"]
    assert said("this spring", today=april) == ["2026-03-01 to 2026-05-31"]
    assert said("next spring", today=april) == ["2027-03-01 to 2027-05-31"]
    assert said("in spring", today=april) == ["2026-03-01 to 2026-05-31"]


def test_the_same_day_of_a_shorter_month_is_its_last() -> None:
    assert said("in a month", today=date(2027, 1, 31)) == ["2027-02-28"]
    assert said("in a year", today=date(2028, 2, 29)) == ["2029-02-28"]


def test_only_what_another_day_would_tell_otherwise_is_noted() -> None:
    text = "Call Anna tomorrow or on Friday, not on 4 March or in spring 2025."
    found = dates_in(text, SATURDAY, Leaning.FUTURE)

    noted = "Call Anna tomorrow (2026-11-22) or on Friday (2026-11-27), not on 4 March or in spring 2025."
    assert dated(text, found) == noted


def test_days_begin_and_end_where_the_clock_is() -> None:
    since, until = moments(date(2026, 3, 28), date(2026, 3, 29), "Europe/Prague")

    assert (since.isoformat(), until.isoformat()) == ("2026-03-28T00:00:00+01:00", "2026-03-30T00:00:00+02:00")


DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
PHRASES = st.sampled_from(
    "tomorrow|yesterday|last Monday|next Monday|this Monday|Monday|next month|last year|in two months|last summer|next "
    "summer|in August|the end of next month|3 weeks ago|next weekend|31 January".split("|")
)


@given(PHRASES, DAYS, st.sampled_from(Leaning))
def test_days_are_in_order_and_where_the_words_say(phrase: str, today: date, leaning: Leaning) -> None:
    (found,) = dates_in(phrase, today, leaning)

    assert found.first <= found.last
    if phrase.startswith(("last", "yesterday", "3 weeks")):
        assert found.last < today
    if phrase.startswith(("next", "tomorrow", "in two", "the end")):
        assert found.first > today


@given(DAYS, st.sampled_from(["next", "last"]), st.integers(0, 6))
def test_the_next_and_the_last_weekday_are_at_most_two_weeks_away(today: date, which: str, weekday: int) -> None:
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    (found,) = dates_in(f"{which} {names[weekday]}", today, Leaning.FUTURE)

    assert found.first.weekday() == weekday
    assert abs(found.first - today) <= timedelta(days=13)


@given(st.text(max_size=200), st.sampled_from(sorted(DATE_WORDS)), DAYS)
def test_any_text_has_days_at_places_of_its_own(text: str, language: str, today: date) -> None:
    end = 0
    for found in dates_in(text, today, Leaning.PAST, language):
        assert end <= found.start < found.end <= len(text)
        end = found.end


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("on Fridays", "en"),
        ("every Friday", "en"),
        ("on Friday evenings", "en"),
        ("jeden Freitag", "de"),
        ("los viernes", "es"),
        ("le vendredi", "fr"),
        ("každý pátek", "cs"),
    ],
)
def test_a_habit_is_no_day(text: str, language: str) -> None:
    assert said(text, language) == []


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("on Friday", True),
        ("in May", True),
        ("at Christmas", True),
        ("by the end of the month", True),
        ("next Friday", False),
        ("last May", False),
        ("in May 2027", False),
        ("tomorrow", False),
        ("in two weeks", False),
    ],
)
def test_a_name_of_which_there_are_many_is_bare(text: str, bare: bool) -> None:
    (found,) = dates_in(text, SATURDAY, Leaning.FUTURE)
    assert found.bare == bare


@pytest.mark.parametrize(
    ("text", "leaning", "written"),
    [
        ("29 February", Leaning.FUTURE, ["2028-02-29"]),
        ("29 February", Leaning.PAST, ["2024-02-29"]),
        ("30 February", Leaning.FUTURE, []),
        ("21 November", Leaning.FUTURE, ["2026-11-21"]),
        ("21 November", Leaning.PAST, ["2026-11-21"]),
    ],
)
def test_a_day_without_a_year_is_of_the_nearest_year_that_has_it(
    text: str, leaning: Leaning, written: list[str]
) -> None:
    assert said(text, leaning=leaning) == written
