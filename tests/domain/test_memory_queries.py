from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.knowledge import SourceKind
from domain.memories.queries import query_of

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
DOCUMENT, MEMORY, MESSAGE = SourceKind.DOCUMENT, SourceKind.MEMORY, SourceKind.MESSAGE


@pytest.mark.parametrize(
    ("language", "question", "text", "since", "until"),
    [
        ("en", "What did I say about the flat last spring?", "the flat", "2026-03-01", "2026-06-01"),
        ("en", "what did we say last Tuesday?", "what did we say last Tuesday?", "2026-11-17", "2026-11-18"),
        ("en", "What did I tell you about Petra on Monday?", "Petra", "2026-11-16", "2026-11-17"),
        ("de", "Was habe ich dir gestern vom Haus erzählt?", "vom Haus", "2026-11-20", "2026-11-21"),
        ("es", "¿Qué te dije sobre el piso la primavera pasada?", "el piso", "2026-03-01", "2026-06-01"),
        ("fr", "Qu'est-ce que je t'ai dit sur l'appartement hier ?", "l'appartement", "2026-11-20", "2026-11-21"),
        ("cs", "Co jsem ti minulé jaro říkal o bytě?", "Co jsem ti bytě", "2026-03-01", "2026-06-01"),
    ],
)
def test_what_was_said_is_looked_for_in_messages_of_that_time(
    language: str, question: str, text: str, since: str, until: str
) -> None:
    query = query_of(question, AT, "UTC", language)

    assert (query.text, query.kinds) == (text, frozenset({MESSAGE}))
    assert (query.since, query.until) == (
        datetime.fromisoformat(since).replace(tzinfo=UTC),
        datetime.fromisoformat(until).replace(tzinfo=UTC),
    )


def test_what_was_said_at_any_time_is_looked_for_in_all_messages() -> None:
    query = query_of("Do you remember what I told you about Petra's wedding?", AT, "UTC")

    assert (query.text, query.kinds, query.since, query.until) == ("Petra's wedding", frozenset({MESSAGE}), None, None)


def test_what_happened_is_looked_for_from_then_until_people_have_told_of_it() -> None:
    query = query_of("Where did I go last week?", AT, "Europe/Prague")

    assert (query.text, query.kinds) == ("Where did I go", frozenset({MEMORY, MESSAGE}))
    assert query.since is not None
    assert query.until is not None
    assert query.since.isoformat() == "2026-11-09T00:00:00+01:00"
    assert query.until.isoformat() == "2026-11-30T00:00:00+01:00"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What do I have to do tomorrow?", "What do I have to do tomorrow 2026-11-22"),
        ("When is my appointment on Friday?", "When is my appointment on Friday 2026-11-27"),
        ("What do I have to do next week?", "What do I have to do next week"),
        ("What do I have to do on 3 December 2026?", "What do I have to do on 3 December 2026"),
        ("What is my sister's name?", "What is my sister's name"),
    ],
)
def test_what_is_or_is_to_come_is_looked_for_whenever_it_was_told(question: str, text: str) -> None:
    query = query_of(question, AT, "UTC")

    assert (query.text, query.kinds) == (text, frozenset({DOCUMENT, MEMORY, MESSAGE}))
    assert (query.since, query.until) == (None, None)


def test_what_is_not_of_whoever_asks_is_not_looked_for_in_messages() -> None:
    query = query_of("How much is a day pass on Sunday?", AT, "UTC")

    assert query.kinds == {DOCUMENT, MEMORY}
    assert query.since is None


@given(st.text(min_size=1, max_size=300), st.sampled_from(["en", "de", "es", "fr", "cs", "ja"]))
def test_any_question_has_a_query(question: str, language: str) -> None:
    query = query_of(question, AT, "Europe/Prague", language)

    assert query.kinds
    assert (query.since is None) == (query.until is None)
    assert query.since is None or query.until is None or query.since < query.until
    assert bool(query.text) == bool(question.strip())
