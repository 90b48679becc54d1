from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import PassageId, WorkspaceId
from domain.knowledge import Parts, Passage, Source, SourceKind
from domain.memories.recall import FEW, RECALL_TOKENS, Recalled, choose, leans, speaks_of, touches_goals
from domain.memories.tiers import Tier
from domain.usage import tokens_in

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY_WORD, BY_MEANING = Parts(lexical=0.4), Parts(semantic=0.4)


def a_passage(number: int, text: str = "My sister's name is Mia.", kind: SourceKind = SourceKind.MEMORY) -> Passage:
    return Passage(
        id=PassageId(UUID(int=number)),
        workspace_id=WorkspaceId(UUID(int=7)),
        source=Source(kind, UUID(int=number)),
        position=0,
        heading="",
        text=text,
        start=0,
        end=len(text),
    )


def found(
    number: int,
    tier: Tier | None,
    parts: Parts = BY_MEANING,
    *,
    days: int = 0,
    kind: SourceKind = SourceKind.MEMORY,
    text: str = "My sister's name is Mia.",
) -> Recalled:
    return Recalled(passage=a_passage(number, text, kind), tier=tier, at=AT - timedelta(days=days), parts=parts)


def line(number: int, text: str = "I am vegan.") -> Recalled:
    return Recalled(passage=a_passage(number, text), tier=Tier.PERSONAL)


def numbers(chosen: tuple[Recalled, ...]) -> list[int]:
    return [each.passage.id.int for each in chosen]


@pytest.mark.parametrize(
    ("hit", "wanted"),
    [
        pytest.param(found(1, Tier.PERSONAL), True, id="what the user is"),
        pytest.param(found(1, Tier.PROJECT), False, id="a goal that is not spoken of"),
        pytest.param(found(1, Tier.PROJECT, BY_WORD, days=400), True, id="a goal of which a word is said"),
        pytest.param(found(1, Tier.TASK, days=14), True, id="a task of late"),
        pytest.param(found(1, Tier.TASK, days=15), False, id="an old task"),
        pytest.param(found(1, Tier.TASK, BY_WORD, days=15), True, id="an old task of which a word is said"),
        pytest.param(found(1, None, kind=SourceKind.DOCUMENT), False, id="a document only alike"),
        pytest.param(found(1, None, BY_WORD, kind=SourceKind.DOCUMENT), True, id="a document of the words"),
        pytest.param(found(1, None, BY_WORD, kind=SourceKind.MESSAGE), True, id="a message of the words"),
    ],
)
def test_what_is_found_is_recalled_when_it_is_touched(hit: Recalled, wanted: bool) -> None:
    assert numbers(choose([], [hit], AT)) == ([1] if wanted else [])


def test_goals_are_recalled_when_goals_are_spoken_of() -> None:
    assert numbers(choose([], [found(1, Tier.PROJECT)], AT, goals=True)) == [1]


def test_what_was_found_comes_first_and_the_profile_is_always_there() -> None:
    assert numbers(choose([line(2), line(3)], [found(1, Tier.PERSONAL)], AT)) == [1, 2, 3]


def test_a_memory_of_the_profile_that_was_found_is_there_once_as_it_was_found() -> None:
    (chosen,) = choose([line(1)], [found(1, Tier.PERSONAL)], AT)
    assert chosen.parts is not None


def test_room_is_kept_for_the_first_lines_of_the_profile() -> None:
    long = [found(number, Tier.PERSONAL, text="word " * 400) for number in range(10, 20)]
    chosen = numbers(choose([line(number) for number in range(1, 9)], long, AT))
    assert set(range(1, FEW + 1)) <= set(chosen)
    assert len(chosen) < 10


def test_of_documents_and_messages_only_the_first_few_are_recalled() -> None:
    hits = [found(number, None, BY_WORD, kind=SourceKind.DOCUMENT) for number in range(1, 10)]
    assert numbers(choose([], hits, AT)) == [1, 2, 3, 4]


@given(
    st.lists(st.tuples(st.sampled_from([*Tier, None]), st.text(max_size=3_000), st.integers(0, 60)), max_size=20),
    st.lists(st.text(max_size=200), max_size=10),
)
def test_all_that_is_recalled_fits_the_budget(hits: list[tuple[Tier | None, str, int]], lines: list[str]) -> None:
    recalled = [
        found(number, tier, BY_WORD, days=days, text=text) for number, (tier, text, days) in enumerate(hits, start=100)
    ]
    chosen = choose([line(number, text) for number, text in enumerate(lines)], recalled, AT)
    assert sum(tokens_in(each.passage.text) for each in chosen) <= RECALL_TOKENS
    assert len(set(numbers(chosen))) == len(chosen)


def test_a_label_says_what_it_is_and_of_which_day_where_the_user_is() -> None:
    late = replace(found(1, Tier.TASK), at=datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    assert late.label(ZoneInfo("Europe/Prague")) == "task memory, 2026-03-03"
    assert line(1).label(ZoneInfo("UTC")) == "personal memory"
    heard = found(1, None, kind=SourceKind.MESSAGE)
    heard = replace(heard, passage=replace(heard.passage, heading="Ada"))
    assert heard.label(ZoneInfo("UTC")) == "said, 2026-03-02, Ada"


@pytest.mark.parametrize(
    ("what", "meant"),
    [
        ("my sister's name", True),
        ("that my sister is called Mia", True),
        ("my sisters", True),
        ("my brother's wedding", False),
        ("that", False),
        ("", False),
    ],
)
def test_a_memory_is_meant_by_half_of_the_words(what: str, meant: bool) -> None:
    assert speaks_of("My sister's name is Mia.", what, "en") is meant


def test_a_question_of_one_word_leans_on_the_one_before() -> None:
    assert leans("And her age?", "en")
    assert not leans("What is my sister's name?", "en")


def test_goals_are_touched_by_their_name() -> None:
    assert touches_goals("What are my goals this year?")
    assert not touches_goals("What is my sister's name?")
