from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import Memory, MemoryProfile, MemoryRetention, ProfileLine, Tier, clipped
from domain.memories.profile import CONSIDERED, LINE_LENGTH, PROFILE_LENGTH, STABLE_LENGTH

AT = datetime(2026, 11, 21, tzinfo=UTC)
DAY = timedelta(days=1)
HERE, ADA = WorkspaceId(UUID(int=1)), UserId(UUID(int=2))
ANIMALS = "ant bee cat dog eel fox gnu hen ibis jay koi lynx mole newt owl pug quail ram seal toad".split()


def a_memory(content: str, tier: Tier = Tier.PERSONAL, *, age: timedelta = DAY, **fields: Any) -> Memory:
    memory = Memory.added(HERE, ADA, {"content": content, "tier": tier}, MemoryRetention(), AT - age)
    return replace(memory, **fields)


def stable(*memories: Memory) -> list[str]:
    return [line.text for line in MemoryProfile.chosen(memories, AT).stable]


def recent(*memories: Memory) -> list[str]:
    return [line.text for line in MemoryProfile.chosen(memories, AT).recent]


def test_of_no_memories_the_profile_is_empty() -> None:
    assert MemoryProfile.chosen([], AT) == MemoryProfile()


def test_stable_are_personal_ones_pinned_first_then_the_most_recalled_then_the_newest() -> None:
    assert stable(
        a_memory("Was in Rome.", age=3 * DAY),
        a_memory("Likes tea.", access_count=2, age=900 * DAY),
        a_memory("Paints boats.", access_count=9),
        a_memory("Is vegan.", pinned=True, age=500 * DAY),
        a_memory("Plays chess.", age=2 * DAY),
        a_memory("Build a shed.", Tier.PROJECT, pinned=True, access_count=50),
    ) == ["Is vegan.", "Paints boats.", "Likes tea.", "Plays chess.", "Was in Rome."]


def test_recent_are_others_of_the_last_14_days_newest_first() -> None:
    assert recent(
        a_memory("Build a shed.", Tier.PROJECT, age=13 * DAY),
        a_memory("Buy paint.", Tier.TASK, age=DAY),
        a_memory("Call Anna.", Tier.TASK, age=14 * DAY),
        a_memory("Likes tea."),
        a_memory("Ask about wood.", Tier.TASK, age=2 * DAY),
    ) == ["Buy paint.", "Ask about wood.", "Build a shed."]


@pytest.mark.parametrize(
    "gone",
    [{"deleted_at": AT}, {"superseded_by": MemoryId(UUID(int=9))}, {"expires_at": AT}],
    ids=["deleted", "superseded", "expired"],
)
def test_what_is_gone_is_in_neither(gone: dict[str, Any]) -> None:
    assert MemoryProfile.chosen([a_memory("Likes tea.", **gone)], AT) == MemoryProfile()


def test_of_near_duplicates_the_one_that_comes_first_is_in_it() -> None:
    said = "Her sister Anna lives in the old town of Brno"
    assert stable(a_memory(f"{said}!"), a_memory(f"{said}.", pinned=True)) == [f"{said}."]
    assert recent(a_memory(said), a_memory(f"{said}!", Tier.TASK)) == []


def test_recent_ones_have_room_whatever_the_stable_ones_are() -> None:
    lasting = [a_memory(f"{animal} " * 40) for animal in ANIMALS]
    fleeting = [a_memory(f"{animal}{animal} " * 12, Tier.TASK) for animal in ANIMALS]
    profile = MemoryProfile.chosen([*lasting, *fleeting], AT)
    assert STABLE_LENGTH - LINE_LENGTH < sum(len(line.text) for line in profile.stable) <= STABLE_LENGTH
    assert sum(len(line.text) for line in profile.recent) > PROFILE_LENGTH - STABLE_LENGTH - LINE_LENGTH


def test_what_the_stable_ones_leave_is_for_recent_ones() -> None:
    fleeting = [a_memory(f"{animal}{animal} " * 12, Tier.TASK) for animal in ANIMALS]
    profile = MemoryProfile.chosen([a_memory("Likes tea."), *fleeting], AT)
    assert sum(len(line.text) for line in profile.recent) > STABLE_LENGTH


def test_only_the_first_hundred_are_considered() -> None:
    same = [a_memory("Likes tea.", pinned=True, id=MemoryId(UUID(int=number))) for number in range(CONSIDERED)]
    assert stable(*same[1:], a_memory("Paints boats.")) == ["Likes tea.", "Paints boats."]
    assert stable(*same, a_memory("Paints boats.")) == ["Likes tea."]


@given(
    st.lists(
        st.builds(
            a_memory,
            st.text(min_size=1, max_size=600).filter(lambda text: text.strip() and "\x00" not in text),
            st.sampled_from(Tier),
            age=st.timedeltas(timedelta(0), 40 * DAY),
        ),
        max_size=30,
    )
)
def test_a_profile_is_short_has_no_memory_twice_and_is_the_same_whatever_the_order(memories: list[Memory]) -> None:
    profile = MemoryProfile.chosen(memories, AT)
    lines = [*profile.stable, *profile.recent]
    assert sum(len(line.text) for line in lines) <= PROFILE_LENGTH
    assert all(0 < len(line.text) <= LINE_LENGTH and "\n" not in line.text for line in lines)
    assert len({line.memory_id for line in lines}) == len(lines)
    assert MemoryProfile.chosen(memories[::-1], AT) == profile
    assert MemoryProfile.of(stable=profile.stable, recent=profile.recent) == profile


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("Likes tea.", "Likes tea."),
        (" On\n\n the \t go. ", "On the go."),
        ("one two three four", "one two…"),
        ("one two th", "one two th"),
        ("one two the rest", "one two…"),
        ("onetwothreefour", "onetwothr…"),
        ("one two t wo", "one two t…"),
    ],
    ids=repr,
)
def test_a_long_content_is_cut_at_the_end_of_a_word(content: str, line: str) -> None:
    assert clipped(content, 10) == line
    assert len(line) <= 10


def test_a_line_has_the_id_of_its_memory() -> None:
    memory = a_memory("Likes tea.")
    assert MemoryProfile.chosen([memory], AT).stable == (ProfileLine(memory_id=memory.id, text="Likes tea."),)
