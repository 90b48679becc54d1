from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from application.ports.clock import Clock
from application.ports.jobs import JobProgress
from application.ports.memory_profiles import MemoryProfilesWork
from application.ports.unit_of_work import Begin
from domain.ids import UserId, WorkspaceId
from domain.jobs import Claim, Job, JobSpec
from domain.memories import MemoryProfile

SETTLED = timedelta(seconds=2)
"""How long a rebuild waits for more changes, so that many of them are rebuilt once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildProfile(JobSpec):
    """Choose anew what is in the standing profile of a user in a workspace."""

    type: ClassVar[str] = "rebuild_profile"
    workspace_id: WorkspaceId
    owner_id: UserId

    # Of no workspace, whose members would be shown by it that the memories of its owner changed.
    @property
    def unique_key(self) -> str | None:
        return f"{self.workspace_id}:{self.owner_id}"


async def profile_is_stale(work: MemoryProfilesWork, workspace_id: WorkspaceId, owner_id: UserId, at: datetime) -> None:
    """Has the owner's profile rebuilt after the commit; called last, when the unit has changed their memories."""
    # In this order: whoever rebuilds it just now has ended its job before the new one is added, which is refused else.
    await work.memory_profiles.outdate(workspace_id, owner_id, at)
    job = RebuildProfile(workspace_id=workspace_id, owner_id=owner_id)
    await work.jobs.add(Job.of(job, at, run_at=at + SETTLED))


@dataclass(frozen=True, slots=True)
class ProfileRebuilder:
    """Chooses by `MemoryProfile.chosen` which memories are in a profile."""

    begin: Begin[MemoryProfilesWork]
    clock: Clock

    async def __call__(self, job: RebuildProfile, claim: Claim, progress: JobProgress) -> None:
        """Nothing; done again, it chooses the same.

        Raises:
            JobCancelled: somebody asked. LeaseLost: the job is not ours any more.
        """
        await progress.report(10, "Choosing what is in the profile")
        now = self.clock.now()
        async with self.begin(claim) as work:
            found = await work.memory_profiles.candidates(job.workspace_id, job.owner_id, now)
            profile = MemoryProfile.chosen(found, now)
            await work.memory_profiles.save(job.workspace_id, job.owner_id, profile, now)
            await work.jobs.finish(claim)
            await work.commit(None)
