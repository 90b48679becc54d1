from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.conversations.statistics import DayRange, Happened
from domain.ids import WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class HappenedOn(Happened):
    """What happened on a day."""

    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HappenedIn:
    """What happened in a range, all together and on each of its days, in order."""

    total: Happened
    days: Sequence[HappenedOn]


class StatisticsViews(Protocol):
    """What activity tells of conversations with visitors; it tells of erased ones, too."""

    async def happened(self, workspace_id: WorkspaceId, days: DayRange) -> HappenedIn:
        """What happened in the workspace's conversations with visitors on these days, zeros where nothing did.

        A question that was asked more than once of the assistant, because a run failed or a member retried it, counts
        once: as answered when any run of the range answered it. Of a message's ratings the newest of the range counts.
        """
        ...
