from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.errors import DomainError
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import (
    UNUSED,
    Change,
    Memory,
    MemoryChanges,
    MemoryRetention,
    PruneReason,
    Tier,
    prune_reason,
)

AT = datetime(2026, 11, 21, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
HERE, ADA = WorkspaceId(UUID(int=1)), UserId(UUID(int=2))
OTHER = MemoryId(UUID(int=3))
LONG_AGO = AT - UNUSED


def a_memory(tier: Tier = Tier.TASK, **fields: Any) -> Memory:
    said: MemoryChanges = {"content": "Likes tea.", "tier": tier}
    return replace(Memory.added(HERE, ADA, said, MemoryRetention(), AT - 200 * DAY), **{"expires_at": None, **fields})


def _shown(value: object) -> str:
    return ", ".join(map(str, cast("dict[str, object]", value))) if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"expires_at": AT}, PruneReason.EXPIRED),
        ({"expires_at": AT + MOMENT}, None),
        ({"expires_at": AT, "pinned": True}, None),
        ({"expires_at": AT, "deleted_at": AT - DAY}, None),
        ({"expires_at": AT, "superseded_by": OTHER}, PruneReason.EXPIRED),
        ({"superseded_by": OTHER, "updated_at": LONG_AGO}, PruneReason.SUPERSEDED),
        ({"superseded_by": OTHER, "updated_at": LONG_AGO + MOMENT}, None),
        ({"superseded_by": OTHER, "last_accessed_at": LONG_AGO}, PruneReason.SUPERSEDED),
        ({"superseded_by": OTHER, "last_accessed_at": LONG_AGO + MOMENT}, None),
        ({"superseded_by": OTHER, "updated_at": LONG_AGO, "last_accessed_at": LONG_AGO - DAY}, PruneReason.SUPERSEDED),
        ({"superseded_by": OTHER, "pinned": True}, None),
        ({"superseded_by": OTHER, "deleted_at": AT - DAY}, None),
    ],
    ids=_shown,
)
def test_a_memory_has_a_reason_to_be_pruned_or_none(fields: Mapping[str, Any], reason: PruneReason | None) -> None:
    for tier in (Tier.TASK, Tier.PROJECT):
        assert prune_reason(a_memory(tier, **fields), AT) is reason
    assert prune_reason(a_memory(Tier.PERSONAL, **fields), AT) is None


def test_pruning_deletes_and_says_so_and_can_be_undone() -> None:
    memory = a_memory(expires_at=AT)
    pruned = memory.pruned(AT)
    assert (pruned.deleted_at, pruned.change, pruned.live) == (AT, Change.PRUNED, False)
    stored = replace(pruned, version=2)
    undone = stored.undone([memory, stored], AT + DAY)
    assert (undone.deleted_at, undone.content, undone.undoes) == (None, memory.content, 1)


def test_a_personal_memory_cannot_be_pruned_at_all() -> None:
    with pytest.raises(ValueError, match="never pruned"):
        a_memory(Tier.PERSONAL).pruned(AT)


class Remembering(RuleBasedStateMachine):
    """Somebody does whatever they like with their memories while the clock prunes: no personal one is ever pruned."""

    tiers = st.sampled_from(Tier)
    picks = st.integers(0, 9)

    def __init__(self) -> None:
        super().__init__()
        self.at = AT
        self.retention = MemoryRetention()
        self.histories: dict[MemoryId, list[Memory]] = {}

    @initialize(tier=tiers)
    def begin(self, tier: Tier) -> None:
        self.add(tier, pinned=False)

    @rule(tier=tiers, pinned=st.booleans())
    def add(self, tier: Tier, *, pinned: bool) -> None:
        said: MemoryChanges = {"content": f"Note {len(self.histories)}", "tier": tier, "pinned": pinned}
        memory = Memory.added(HERE, ADA, said, self.retention, self.at)
        self.histories[memory.id] = [memory]

    @rule(pick=picks, tier=tiers)
    def move(self, pick: int, tier: Tier) -> None:
        self._edit(pick, {"tier": tier})

    @rule(pick=picks, pinned=st.booleans())
    def pin(self, pick: int, *, pinned: bool) -> None:
        self._edit(pick, {"pinned": pinned})

    @rule(pick=picks, content=st.sampled_from(["Likes tea.", "Likes coffee."]))
    def say(self, pick: int, content: str) -> None:
        self._edit(pick, {"content": content})

    @rule(pick=picks, by=picks)
    def supersede(self, pick: int, by: int) -> None:
        with suppress(DomainError):
            self._keep(self._picked(pick).superseded(self._picked(by).id, self.at))

    @rule(pick=picks)
    def recall(self, pick: int) -> None:
        memory = self._picked(pick)
        used = replace(memory, access_count=memory.access_count + 1, last_accessed_at=self.at)
        self.histories[memory.id][-1] = used

    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        self._keep(self._picked(pick).deleted(self.at))

    @rule(pick=picks)
    def undo(self, pick: int) -> None:
        memory = self._picked(pick)
        with suppress(DomainError):
            self._keep(memory.undone(self.histories[memory.id], self.at))

    @rule(project_days=st.sampled_from([None, 30, 3_650]), task_days=st.sampled_from([1, 30, 365]))
    def keep_for(self, project_days: int | None, task_days: int) -> None:
        self.retention = self.retention.edited({"project_days": project_days, "task_days": task_days})
        for history in self.histories.values():
            last = history[-1]
            expires_at = self.retention.expiry(last.tier, last.created_at, pinned=last.pinned)
            history[-1] = replace(last, expires_at=expires_at)

    @rule(days=st.sampled_from([1, 29, 31, 91, 4_000]))
    def age(self, days: int) -> None:
        self.at += days * DAY

    @rule()
    @precondition(lambda self: self.histories)
    def prune(self) -> None:
        due = [(memory, prune_reason(memory, self.at)) for memory in self._all()]
        for memory, reason in due:
            if reason is not None:
                assert memory.tier is not Tier.PERSONAL
                assert not memory.pinned
                self._keep(memory.pruned(self.at))
        for memory, reason in due:
            left = self.histories[memory.id][-1]
            assert (left.deleted_at is None) == (memory.deleted_at is None and reason is None)
        assert all(prune_reason(memory, self.at) is None for memory in self._all())

    @invariant()
    def no_personal_memory_was_pruned(self) -> None:
        for history in self.histories.values():
            for before, after in pairwise(history):
                assert after.change is not Change.PRUNED or before.tier is not Tier.PERSONAL
            assert not any(each.tier is Tier.PERSONAL and each.change is Change.PRUNED for each in history)

    @invariant()
    def no_personal_memory_expires_or_has_a_reason_to_go(self) -> None:
        for memory in self._all():
            if memory.tier is Tier.PERSONAL:
                assert memory.expires_at is None
                assert prune_reason(memory, self.at + 100_000 * DAY) is None

    @invariant()
    def versions_count_up_and_each_can_be_told(self) -> None:
        for history in self.histories.values():
            assert [memory.version for memory in history] == list(range(1, len(history) + 1))

    def _all(self) -> list[Memory]:
        return [history[-1] for history in self.histories.values()]

    def _picked(self, pick: int) -> Memory:
        memories = self._all()
        return memories[pick % len(memories)]

    def _edit(self, pick: int, changes: MemoryChanges) -> None:
        with suppress(DomainError):
            self._keep(self._picked(pick).edited(changes, self.retention, self.at))

    def _keep(self, changed: Memory) -> None:
        """As a store does: another version, unless nothing changed."""
        history = self.histories[changed.id]
        if changed != history[-1]:
            history.append(replace(changed, version=history[-1].version + 1))


TestRemembering = Remembering.TestCase
