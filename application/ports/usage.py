from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from domain.ids import WorkspaceId
from domain.usage import ReachedLimit, Spent, UsageEntry, UsageSum
from domain.workspaces import WorkspaceLimits

MOST_GROUPS = 366
"""Rows of a report, at most; its total counts what they leave out, too."""


class UsageLedger(Protocol):
    """What calls of models took: one entry for each, added before the call and settled after it."""

    async def spent(self, entry: UsageEntry, limits: WorkspaceLimits) -> Spent:
        """What counts against these limits where the call of `entry`, which is not added yet, is to be made.

        Until the unit ends nobody else is told about the same day or visitor, so that of many who reserve at once each
        sees the entries of those before. The unit has locked the entry's conversation, which is enough for that one.
        """
        ...

    async def add(self, entry: UsageEntry) -> None:
        """Stores a new entry; needs no event."""
        ...

    async def settle(self, entry: UsageEntry) -> None:
        """Replaces the model, tokens and cost of an entry, and whether they are estimated; needs no event."""
        ...

    async def notice(self, entry: UsageEntry, reached: ReachedLimit) -> bool:
        """Whether a limit of so many tokens was not noticed before on the entry's day, for its conversation or visitor.

        Needs no event.

        It has been noticed once the unit commits.
        """
        ...


class UsageOrigins(Protocol):
    """Which visitors the entries of the ledger are of."""

    async def forget(self, before: date) -> int:
        """Takes the origins from the entries of earlier days, with what was noticed then; returns how many had one."""
        ...


class UsageGroup(StrEnum):
    """By what a report of usage adds up."""

    DAY = "day"
    MODEL = "model"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What the calls of a group took; `key` is its day, its model, or the id of its conversation."""

    key: str
    usage: UsageSum

    @staticmethod
    def in_order(rows: Iterable["UsageRow"], group: UsageGroup) -> "list[UsageRow]":
        """The rows as a report of this group shows them, `MOST_GROUPS` at most."""
        days = group is UsageGroup.DAY
        ordered = sorted(rows, key=lambda row: (0 if days else -row.usage.tokens, row.key))
        return ordered[:MOST_GROUPS]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """The rows of the groups that used anything, and what all calls took together."""

    rows: Sequence[UsageRow]
    total: UsageSum


class UsageViews(Protocol):
    """The ledger, to look at."""

    async def timezone(self, workspace_id: WorkspaceId) -> str | None:
        """The time zone of the workspace, an IANA name, or None when there is no such workspace."""
        ...

    async def report(self, workspace_id: WorkspaceId, first: date, last: date, group: UsageGroup) -> UsageReport:
        """What was used on the days from `first` to `last`, these included: what was erased since is still in it.

        Days come in order, and of models and conversations those with the most tokens first; the first `MOST_GROUPS`.
        No row is of a conversation with a companion; the total counts it.
        """
        ...
