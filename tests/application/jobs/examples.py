"""A job of no use case in particular."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from application.ports.workspaces import WorkspaceView
from domain.ids import WorkspaceId
from domain.jobs import Claim, Job, JobSpec
from tests.application.world import LEASE, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Knit(JobSpec):
    """Knits a pair of socks."""

    type: ClassVar[str] = "knit"
    max_attempts: ClassVar[int] = 3
    workspace_id: WorkspaceId | None
    key: str | None = None

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def unique_key(self) -> str | None:
        return self.key


async def add_job(world: World, workspace: WorkspaceView | None, key: str | None = None) -> Job:
    now = world.clock.advance(timedelta(milliseconds=1))
    job = Job.of(Knit(workspace_id=workspace.id if workspace else None, key=key), now)
    async with world.begin() as work:
        await work.jobs.add(job)
        return await work.commit(job)


async def claimed(world: World, job: Job) -> Claim:
    """The job, in the hands of a worker."""
    (claim,) = await world.queue.claim([job.type], 1, LEASE)
    assert claim.job_id == job.id
    return claim
