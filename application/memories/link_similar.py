"""How memories that say nearly the same come to be linked, when nobody waits for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from application.memories.find_similar import FindSimilar
from application.ports.clock import Clock
from application.ports.jobs import JobProgress
from application.ports.memories import MemoriesWork, MemoryPolicy, MemoryView, MemoryViews
from application.ports.unit_of_work import Begin
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.jobs import Claim, Job, JobSpec

AT_ONCE = 250
"""How many memories one job compares with the others."""
_BATCH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSimilar(JobSpec):
    """Link memories of a user with those that say nearly the same; `memory_ids` are joined by commas."""

    type: ClassVar[str] = "link_similar"
    workspace_id: WorkspaceId
    owner_id: UserId
    memory_ids: str

    @classmethod
    def of(cls, workspace_id: WorkspaceId, owner_id: UserId, memory_ids: Sequence[MemoryId]) -> Iterator[Self]:
        """The jobs that link them, `AT_ONCE` each."""
        for first in range(0, len(memory_ids), AT_ONCE):
            joined = ",".join(map(str, memory_ids[first : first + AT_ONCE]))
            yield cls(workspace_id=workspace_id, owner_id=owner_id, memory_ids=joined)

    # Of no workspace, as the jobs of one are shown to all its members: it tells that the owner has changed memories.
    @property
    def lane(self) -> str | None:
        return f"link:{self.workspace_id}:{self.owner_id}"


async def link_later(
    work: MemoriesWork, workspace_id: WorkspaceId, owner_id: UserId, memory_ids: Sequence[MemoryId], at: datetime
) -> None:
    """Has these memories of the owner linked after the commit; called last in a unit."""
    for job in LinkSimilar.of(workspace_id, owner_id, memory_ids):
        await work.jobs.add(Job.of(job, at))


@dataclass(frozen=True, slots=True)
class SimilarLinker:
    """Links of each two memories that say nearly the same the later one with the earlier, unless it has a link."""

    begin: Begin[MemoriesWork]
    views: MemoryViews
    find_similar: FindSimilar
    clock: Clock

    async def __call__(self, job: LinkSimilar, claim: Claim, progress: JobProgress) -> None:
        """Nothing; done again, it finds them linked.

        Raises:
            JobCancelled: somebody asked it to stop; what was done stays done.
            LeaseLost: the job is not ours any more.
        """
        policy = await self.views.policy(job.workspace_id)
        if policy is None:
            return
        ids = [MemoryId(UUID(each)) for each in job.memory_ids.split(",")]
        for first in range(0, len(ids), _BATCH):
            await progress.report(100 * first // len(ids), f"{first} memories compared")
            found = await self.views.several(ids[first : first + _BATCH])
            pairs = [await self._pair(each, policy) for each in found if each.live and each.owner_id == job.owner_id]
            await self._link(sorted({pair for pair in pairs if pair}), claim)

    async def _pair(self, memory: MemoryView, policy: MemoryPolicy) -> tuple[MemoryId, MemoryId] | None:
        other = await self.find_similar(memory, policy, self.clock.now())
        return None if other is None else (max(memory.id, other), min(memory.id, other))

    async def _link(self, pairs: Sequence[tuple[MemoryId, MemoryId]], claim: Claim) -> None:
        if not pairs:
            return
        async with self.begin(claim) as work:
            for later, earlier in pairs:
                await work.memories.link(later, earlier)
            await work.commit(None)
