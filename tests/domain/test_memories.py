"""Memories: their fields, their versions and how long they are kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import Actor, ActorType
from domain.errors import Invalid
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.json import json_of
from domain.memories import (
    ALIKE,
    POLICIES,
    Change,
    Emotion,
    Goal,
    GoalStatus,
    Memory,
    MemoryAdded,
    MemoryChanges,
    MemoryDeleted,
    MemoryMetadata,
    MemoryRetention,
    MemoryRetentionChanges,
    MemorySource,
    MemorySourceType,
    NothingToUndo,
    Task,
    TaskStatus,
    Tier,
    digest_of,
    likeness,
    normalised,
)

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
WORKSPACE, OWNER = WorkspaceId(UUID(int=1)), UserId(UUID(int=2))
KEPT = MemoryRetention()
ACTOR = Actor(ActorType.USER, OWNER, "Ada")


def a_memory(**changes: Any) -> Memory:
    fields: MemoryChanges = {"content": "Likes tea.", **changes}  # type: ignore[typeddict-item]
    return Memory.added(WORKSPACE, OWNER, fields, KEPT, AT)


def after(days: float) -> datetime:
    return AT + timedelta(days=days)


class Kept:
    """A memory with its versions, saved as a repository does it."""

    def __init__(self, memory: Memory) -> None:
        self.versions = [memory]

    @property
    def memory(self) -> Memory:
        return self.versions[-1]

    def save(self, changed: Memory) -> None:
        self.versions.append(replace(changed, version=self.memory.version + 1))

    def edit(self, content: str) -> None:
        self.save(self.memory.edited({"content": content}, KEPT, AT))

    def undo(self) -> None:
        self.save(self.memory.undone(self.versions, AT))


def faults(refused: pytest.ExceptionInfo[Invalid]) -> Sequence[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def test_a_new_memory_is_personal_and_its_owners_alone() -> None:
    memory = a_memory(content="  Likes tea. ")
    assert (memory.content, memory.tier, memory.shared, memory.pinned) == ("Likes tea.", Tier.PERSONAL, False, False)
    assert (memory.version, memory.change, memory.source) == (1, Change.ADDED, MemorySource(MemorySourceType.USER))
    assert memory.digest == digest_of("likes tea")
    assert memory.live
    assert memory.expires_at is None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"content": " "}, ("/content", "too_short")),
        ({"content": "x" * 10_001}, ("/content", "too_long")),
        ({"content": "a\x00b"}, ("/content", "bad_text")),
        ({"tags": ["a"] * 21}, ("/tags", "too_many")),
        ({"tags": [" "]}, ("/tags", "too_short")),
        ({"tags": ["a" * 51]}, ("/tags", "too_long")),
        ({"metadata": {"emotion": {}}}, ("/metadata/emotion/label", "required")),
        ({"metadata": {"goal": {"status": GoalStatus.REACHED}}}, ("/metadata/goal/title", "required")),
        ({"metadata": {"task": {"due": None}}}, ("/metadata/task/title", "required")),
        ({"metadata": MemoryMetadata(emotion=Emotion(label=""))}, ("/metadata/emotion/label", "too_short")),
        (
            {"metadata": MemoryMetadata(emotion=Emotion(label="sad", intensity=1.1))},
            ("/metadata/emotion/intensity", "out_of_range"),
        ),
        ({"metadata": MemoryMetadata(goal=Goal(title="x" * 201))}, ("/metadata/goal/title", "too_long")),
        ({"metadata": MemoryMetadata(task=Task(title=""))}, ("/metadata/task/title", "too_short")),
    ],
)
def test_what_cannot_be_taken_is_named(changes: dict[str, Any], fault: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        a_memory(**changes)
    assert faults(refused) == [fault]


def test_tags_are_in_lower_case_and_each_once() -> None:
    assert a_memory(tags=["Tea", "tea ", "ŽLUTÁ"]).tags == ("tea", "žlutá")
    assert a_memory(tags=["tea"]).edited({"tags": None}, KEPT, AT).tags == ()


def test_blocks_change_field_by_field_and_go_when_they_are_none() -> None:
    memory = a_memory(metadata={"goal": {"title": " Run ", "due": date(2027, 5, 2)}, "task": {"title": "Shoes"}})
    assert memory.metadata == MemoryMetadata(goal=Goal(title="Run", due=date(2027, 5, 2)), task=Task(title="Shoes"))
    changed = memory.edited({"metadata": {"task": {"status": TaskStatus.DONE}, "goal": None}}, KEPT, AT)
    assert changed.metadata == MemoryMetadata(task=Task(title="Shoes", status=TaskStatus.DONE))
    whole = changed.edited({"metadata": MemoryMetadata(emotion=Emotion(label="glad"))}, KEPT, AT)
    assert whole.metadata == MemoryMetadata(emotion=Emotion(label="glad"))
    both = whole.edited({"metadata": {"goal": {"title": "Rest"}}}, KEPT, AT)
    assert both.metadata == MemoryMetadata(emotion=Emotion(label="glad"), goal=Goal(title="Rest"))
    assert whole.edited({"metadata": None}, KEPT, AT).metadata == MemoryMetadata()


def test_metadata_as_json_has_the_blocks_that_there_are() -> None:
    whole = MemoryMetadata(emotion=Emotion(label="glad"), goal=Goal(title="Run", due=date(2027, 5, 2)))
    assert json_of(whole.to_json()) == {
        "emotion": {"label": "glad", "intensity": None, "about": None},
        "goal": {"title": "Run", "status": "active", "due": "2027-05-02"},
    }
    task = MemoryMetadata(task=Task(title="Shoes", status=TaskStatus.DONE))
    assert json_of(task.to_json()) == {"task": {"title": "Shoes", "status": "done", "due": None}}
    assert json_of(MemoryMetadata().to_json()) == {}


def test_an_edit_that_changes_nothing_leaves_the_memory_as_it_is() -> None:
    memory = a_memory(tags=["tea"], pinned=True)
    assert memory.edited({}, KEPT, after(1)) is memory
    assert memory.edited({"content": "Likes tea. ", "tags": ["TEA"], "pinned": True}, KEPT, after(1)) == memory


def test_an_edit_says_when_and_what_it_was() -> None:
    edited = a_memory().edited({"content": "Likes cake."}, KEPT, after(1))
    assert (edited.content, edited.change, edited.updated_at) == ("Likes cake.", Change.EDITED, after(1))
    assert edited.digest == digest_of("Likes cake.")


@pytest.mark.parametrize(("tier", "days"), [(Tier.PERSONAL, None), (Tier.PROJECT, None), (Tier.TASK, 30)])
def test_a_tier_says_how_long_a_memory_is_kept(tier: Tier, days: int | None) -> None:
    assert a_memory(tier=tier).expires_at == (None if days is None else after(days))


def test_the_time_of_a_tier_counts_from_creation_and_a_pin_stops_it() -> None:
    memory = a_memory(tier=Tier.TASK)
    assert memory.edited({"content": "New."}, KEPT, after(5)).expires_at == after(30)
    pinned = memory.edited({"pinned": True}, KEPT, after(5))
    assert pinned.expires_at is None
    assert pinned.edited({"pinned": False}, KEPT, after(6)).expires_at == after(30)
    assert memory.edited({"tier": Tier.PERSONAL}, KEPT, after(5)).expires_at is None
    assert [memory.expired(after(days)) for days in (29.9, 30)] == [False, True]


def test_redating_is_no_change_and_rescuing_pins_what_is_over() -> None:
    memory = a_memory(tier=Tier.TASK)
    redated = memory.redated(MemoryRetention(task_days=2))
    assert redated == replace(memory, expires_at=after(2))
    assert memory.rescued(after(29)) is memory
    rescued = memory.rescued(after(30))
    assert (rescued.pinned, rescued.expires_at) == (True, None)


def test_what_is_superseded_or_deleted_is_not_live() -> None:
    memory = a_memory()
    superseded = memory.superseded(MemoryId(UUID(int=9)), after(1))
    assert (superseded.live, superseded.change, superseded.superseded_by) == (False, Change.SUPERSEDED, UUID(int=9))
    deleted = memory.deleted(after(1))
    assert (deleted.live, deleted.change, deleted.deleted_at) == (False, Change.DELETED, after(1))
    assert deleted.deleted(after(2)) is deleted


def test_what_is_deleted_is_neither_edited_nor_superseded() -> None:
    deleted = a_memory().deleted(AT)
    with pytest.raises(MemoryDeleted):
        deleted.edited({"pinned": True}, KEPT, AT)
    with pytest.raises(MemoryDeleted):
        deleted.superseded(deleted.id, AT)


def test_a_personal_memory_cannot_be_pruned() -> None:
    with pytest.raises(ValueError, match="never pruned"):
        a_memory().pruned(AT)
    pruned = a_memory(tier=Tier.PROJECT).pruned(after(1))
    assert (pruned.change, pruned.deleted_at) == (Change.PRUNED, after(1))


def test_an_undo_goes_back_by_one_change_and_several_by_several() -> None:
    kept = Kept(a_memory(content="1"))
    kept.edit("2")
    kept.edit("3")
    for content in ("2", "1"):
        kept.undo()
        assert kept.memory.content == content
    with pytest.raises(NothingToUndo):
        kept.undo()
    kept.edit("4")
    kept.undo()
    assert kept.memory.content == "1"
    with pytest.raises(NothingToUndo):
        kept.undo()


def test_an_undo_restores_all_but_what_was_counted() -> None:
    kept = Kept(a_memory(tags=["tea"], tier=Tier.PROJECT))
    kept.save(replace(kept.memory.deleted(after(1)), access_count=4, last_accessed_at=after(1)))
    restored = kept.memory.undone(kept.versions, after(2))
    first = kept.versions[0]
    assert restored == replace(
        first,
        access_count=4,
        last_accessed_at=after(1),
        version=2,
        undoes=1,
        change=Change.UNDONE,
        updated_at=after(2),
    )


def test_nothing_is_undone_to_versions_that_are_not_kept() -> None:
    kept = Kept(a_memory(content="1"))
    kept.edit("2")
    kept.edit("3")
    with pytest.raises(NothingToUndo):
        kept.memory.undone([kept.memory], AT)
    with pytest.raises(NothingToUndo):
        kept.memory.undone([], AT)


@given(st.lists(st.sampled_from(["edit", "undo"]), max_size=30))
def test_undos_are_those_of_a_stack_of_changes(steps: list[str]) -> None:
    kept, stack = Kept(a_memory(content="0")), ["0"]
    for number, step in enumerate(steps, start=1):
        if step == "edit":
            kept.edit(str(number))
            stack.append(str(number))
        elif len(stack) > 1:
            kept.undo()
            stack.pop()
        else:
            with pytest.raises(NothingToUndo):
                kept.undo()
        assert kept.memory.content == stack[-1]
        assert kept.memory.version == len(kept.versions)


def test_personal_memories_have_no_choice() -> None:
    assert POLICIES[Tier.PERSONAL].days is None
    assert MemoryRetention(project_days=30, task_days=1).days(Tier.PERSONAL) is None


@given(st.none() | st.integers(-10, 5_000), st.none() | st.integers(-10, 5_000))
def test_a_retention_stays_within_the_bounds_of_its_tiers(project: int | None, task: int | None) -> None:
    changes: MemoryRetentionChanges = {"project_days": project, "task_days": task}
    wrong = [
        pointer
        for pointer, bad in (
            ("/project_days", project is not None and not 30 <= project <= 3_650),
            ("/task_days", task is None or not 1 <= task <= 365),
        )
        if bad
    ]
    if wrong:
        with pytest.raises(Invalid) as refused:
            KEPT.edited(changes)
        assert [pointer for pointer, _ in faults(refused)] == wrong
        return
    edited = KEPT.edited(changes)
    assert (edited.days(Tier.PROJECT), edited.days(Tier.TASK)) == (project, task)
    assert edited.edited({}) == edited


@given(st.sampled_from(list(Tier)), st.booleans(), st.none() | st.integers(30, 3_650), st.integers(1, 365))
def test_an_expiry_is_that_of_the_tier_unless_pinned(tier: Tier, pinned: bool, project: int | None, task: int) -> None:
    retention = MemoryRetention(project_days=project, task_days=task)
    days = retention.days(tier)
    expected = None if pinned or days is None else after(days)
    assert retention.expiry(tier, AT, pinned=pinned) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Likes tea.", "likes  TEA", True),
        ("Likes tea!", "Likes tea…", True),
        ("ﬁne", "FINE", True),
        ("Straße", "STRASSE", True),
        ("Likes tea", "Likes teas", False),
        ("1.5", "15", False),
    ],
)
def test_the_same_words_have_one_digest(one: str, other: str, same: bool) -> None:
    assert (digest_of(one) == digest_of(other)) == same


@given(st.text())
def test_normalising_once_is_enough(content: str) -> None:
    assert normalised(normalised(content)) == normalised(content)


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)


def test_what_says_nearly_the_same_is_alike() -> None:
    first = "My sister Anna lives in Lisbon with her two cats."
    assert likeness(first, "My sister Anna lives in Lisbon with two cats now.") >= ALIKE
    assert likeness(first, "My brother Karl lives in Lisbon with his dog.") < ALIKE
    assert likeness(first, first) == 1
    assert likeness("", first) == 0


@pytest.mark.parametrize("shared", [False, True])
def test_what_happens_to_a_memory_is_told_to_those_who_see_it_and_says_nothing_of_it(shared: bool) -> None:
    memory = a_memory(content="The secret word", tags=["secret"], shared=shared)
    event = MemoryAdded.of(memory, by=ACTOR, at=AT)
    assert event.told_to == (None if shared else OWNER)
    assert (event.type, event.subject.type, event.subject.id) == ("memory.added", "memory", memory.id)
    assert "secret" not in str(event.data)


def test_what_was_superseded_can_be_true_again_unless_it_is_deleted() -> None:
    old = a_memory().superseded(MemoryId(UUID(int=9)), after(1))
    again = old.true_again(after(2))
    assert (again.live, again.change, again.updated_at) == (True, Change.EDITED, after(2))
    assert again.true_again(after(3)) == again
    with pytest.raises(MemoryDeleted):
        old.deleted(after(2)).true_again(after(3))
