from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.jobs import Jobs
from application.ports.unit_of_work import UnitOfWork
from domain.ids import UserId, WorkspaceId
from domain.memories import Memory, MemoryProfile, ProfileLine


class MemoryProfiles(Protocol):
    """Which memories make up the standing profile of a user in a workspace; all of it needs no event."""

    async def outdate(self, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> None:
        """The profile is to be rebuilt; until the unit ends, whoever rebuilds it or says so, too, waits."""
        ...

    async def candidates(self, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> Sequence[Memory]:
        """The memories from which `MemoryProfile.chosen` at that moment chooses as it would from all of the owner's.

        Whoever says that the profile is outdated waits from now on until the unit ends, and what others have said
        before is counted.
        """
        ...

    async def save(self, workspace_id: WorkspaceId, owner_id: UserId, profile: MemoryProfile, at: datetime) -> None:
        """This is the profile, as of that moment; its texts are not kept, and so never outlive the memories."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryProfileView:
    """The standing profile of a user in a workspace.

    Attributes:
        updated_at: as of when its memories were chosen; None before the first time.
    """

    stable: tuple[ProfileLine, ...]
    recent: tuple[ProfileLine, ...]
    updated_at: datetime | None


class MemoryProfileViews(Protocol):
    """Standing profiles, to look at."""

    async def profile(self, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> MemoryProfileView:
        """The profile, made of what the chosen memories say now, and without those that are gone or over by then."""
        ...


class MemoryProfilesWork(UnitOfWork, Protocol):
    """What the standing profile touches."""

    memory_profiles: MemoryProfiles
    jobs: Jobs
