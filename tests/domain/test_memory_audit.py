from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import MemoryId
from domain.memories import ALIKE, Examined, MemorySourceType, Tier, echoes, likeness, near_duplicates

AT = datetime(2026, 11, 21, tzinfo=UTC)
USER, RUN = MemorySourceType.USER, MemorySourceType.RUN


def examined(number: int, content: str, source: MemorySourceType = USER) -> Examined:
    """The memory of this number, which is younger than those of lower ones."""
    return Examined(
        id=MemoryId(UUID(int=number)),
        tier=Tier.PERSONAL,
        content=content,
        source_type=source,
        created_at=AT + timedelta(minutes=number),
        expires_at=None,
    )


def duplicates_of(*contents: str) -> list[tuple[int, int]]:
    """Which of them repeat which earlier one, by their places; asked in the order opposite to their age."""
    memories = [examined(number, content) for number, content in enumerate(contents)]
    return [(found.memory.id.int, found.of.id.int) for found in near_duplicates(reversed(memories))]


def echoes_of(*memories: Examined) -> list[tuple[int, int]]:
    return [(found.memory.id.int, found.of.id.int) for found in echoes(reversed(memories))]


def test_near_duplicates_are_told_with_the_earliest_that_says_nearly_the_same() -> None:
    said = "My sister's name is Anna and she lives in Brno."
    assert duplicates_of(said, "Likes tea.", said.upper(), f"{said[:-1]}!") == [(2, 0), (3, 0)]
    (found,) = near_duplicates([examined(0, said), examined(1, said.replace("Anna", "Anne"))])
    assert found.likeness == likeness(found.memory.content, found.of.content)
    assert ALIKE <= found.likeness < 1


def test_what_says_something_else_or_nothing_at_all_is_no_duplicate() -> None:
    assert duplicates_of("Likes green tea.", "Likes black coffee.", "!!!", "???", "…") == []


@given(st.lists(st.text(alphabet="ab ", min_size=1, max_size=14), max_size=12))
def test_no_near_duplicate_is_missed_by_comparing_only_a_few(contents: list[str]) -> None:
    def earliest(place: int) -> int | None:
        return next((other for other in range(place) if likeness(contents[other], contents[place]) >= ALIKE), None)

    expected = [(place, of) for place in range(len(contents)) if (of := earliest(place)) is not None]
    assert duplicates_of(*contents) == expected


@given(st.text(alphabet="abcdefghijklmno ", min_size=150, max_size=900), st.integers(0, 150), st.integers(0, 150))
def test_no_near_duplicate_of_a_long_content_is_missed(content: str, start: int, end: int) -> None:
    cut = content[start : len(content) - end]
    assert duplicates_of(content, cut) == ([(1, 0)] if likeness(content, cut) >= ALIKE else [])


def test_an_echo_comes_from_a_conversation_and_has_no_word_of_its_own() -> None:
    earlier = examined(0, "In spring Ada wants to run a half marathon in Brno.")
    assert echoes_of(
        earlier,
        examined(1, "Ada wants to run a half marathon.", RUN),
        examined(2, "ADA: a marathon in spring!", MemorySourceType.MESSAGE),
        examined(3, "Ada wants to swim.", RUN),
        examined(4, "Ada wants to run.", USER),
        examined(5, "…", RUN),
        examined(6, "A marathon in Brno.", MemorySourceType.IMPORT),
    ) == [(1, 0), (2, 0)]


def test_a_denial_is_no_echo() -> None:
    assert echoes_of(examined(0, "I like fish."), examined(1, "I do not like fish.", RUN)) == []


def test_only_what_came_before_can_be_repeated() -> None:
    assert echoes_of(examined(0, "Likes tea.", RUN), examined(1, "Likes green tea.", USER)) == []


@pytest.mark.parametrize("find", [near_duplicates, echoes])
def test_of_nothing_nothing_is_found(find: Callable[[list[Examined]], Iterator[object]]) -> None:
    assert list(find([])) == []
    assert list(find([examined(0, "Alone.", RUN)])) == []
