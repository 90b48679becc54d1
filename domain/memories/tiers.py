"""Tiers: how long a memory is kept, by what it is for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self, TypedDict, assert_never

from domain.errors import Fault, Invalid


class Tier(StrEnum):
    """What a memory is for, the most lasting first."""

    PERSONAL = "personal"
    PROJECT = "project"
    TASK = "task"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPolicy:
    """How long memories of a tier are kept.

    Attributes:
        days: from their creation, unless pinned; None is for ever. That is where no workspace has chosen otherwise.
        least, most: what a workspace may choose; None where it may choose nothing.
        may_be_endless: whether it may choose to keep them for ever.
    """

    days: int | None
    least: int | None = None
    most: int | None = None
    may_be_endless: bool = True


POLICIES: Mapping[Tier, TierPolicy] = {
    Tier.PERSONAL: TierPolicy(days=None),
    Tier.PROJECT: TierPolicy(days=None, least=30, most=3_650),
    Tier.TASK: TierPolicy(days=30, least=1, most=365, may_be_endless=False),
}
"""One line for each tier. What a person is and likes is never forgotten by the clock, whatever a workspace chooses."""


class MemoryRetentionChanges(TypedDict, total=False):
    """The days to keep memories of a tier; None is for ever."""

    project_days: int | None
    task_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRetention:
    """For how many days a workspace keeps memories of each tier that has a choice; None is for ever."""

    project_days: int | None = POLICIES[Tier.PROJECT].days
    task_days: int | None = POLICIES[Tier.TASK].days

    def days(self, tier: Tier) -> int | None:
        """How long memories of `tier` are kept; None is for ever."""
        match tier:
            case Tier.PERSONAL:
                return None
            case Tier.PROJECT:
                return self.project_days
            case Tier.TASK:
                return self.task_days
            case _:
                assert_never(tier)

    def expiry(self, tier: Tier, created_at: datetime, *, pinned: bool) -> datetime | None:
        """When a memory of `tier` is over; None is never."""
        days = None if pinned else self.days(tier)
        return None if days is None else created_at + timedelta(days=days)

    def edited(self, changes: MemoryRetentionChanges) -> Self:
        """The policy with these days instead.

        Raises:
            Invalid: naming each that is out of its tier's bounds.
        """
        chosen = {Tier.PROJECT: "project_days", Tier.TASK: "task_days"}
        faults = [
            fault
            for tier, name in chosen.items()
            if name in changes and (fault := _fault(name, changes[name], POLICIES[tier]))  # type: ignore[literal-required]
        ]
        if faults:
            raise Invalid(*faults)
        return replace(self, **changes)


def _fault(name: str, days: int | None, policy: TierPolicy) -> Fault | None:
    if days is None:
        return None if policy.may_be_endless else Fault(f"/{name}", "required", "Task memories always expire.")
    if policy.least is not None and policy.most is not None and policy.least <= days <= policy.most:
        return None
    return Fault(f"/{name}", "out_of_range", f"Memories of this tier are kept {policy.least} to {policy.most} days.")
