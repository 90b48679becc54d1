"""For how long a workspace keeps memories, and how those that there are come to go by it."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from application.ports.clock import Clock
from application.ports.jobs import JobProgress
from application.ports.memories import MemoriesWork, MemoryPolicy, MemoryViews
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import WorkspaceId
from domain.jobs import Claim, Job, JobSpec
from domain.memories import MemoryRetentionChanges, MemoryRetentionEdited
from domain.versions import check_version

BATCH = 500
"""Memories that expire otherwise in one unit of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRetentionView:
    """For how many days a workspace keeps memories of each tier, from their creation; null is for ever."""

    workspace_id: WorkspaceId
    personal_days: None = None
    project_days: int | None
    task_days: int | None
    version: int

    @classmethod
    def of(cls, policy: MemoryPolicy) -> Self:
        """The view of what was just written or read."""
        return cls(
            workspace_id=policy.workspace_id,
            project_days=policy.retention.project_days,
            task_days=policy.retention.task_days,
            version=policy.version,
        )


@dataclass(frozen=True, slots=True)
class ReadMemoryRetention:
    """Shows for how long a workspace keeps memories."""

    views: MemoryViews

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId) -> MemoryRetentionView:
        """The days of each tier.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.MEMORY_READ, workspace_id)
        policy = await self.views.policy(workspace_id)
        if policy is None:
            raise NotFound
        return MemoryRetentionView.of(policy)


@dataclass(frozen=True, slots=True)
class EditMemoryRetention:
    """Chooses for how long a workspace keeps memories, also those that there are."""

    begin: Begin[MemoriesWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, changes: MemoryRetentionChanges, expected: int | None = None
    ) -> MemoryRetentionView:
        """The days of each tier as they are now; unchanged, they keep their version.

        Some of the memories expire by them with the commit, and the many of a large workspace by a job behind it.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            Invalid: the days of a tier are out of its bounds.
        """
        caller.must(Permission.WORKSPACE_WRITE, workspace_id)
        async with self.begin() as work:
            policy = await work.memory_policies.lock(workspace_id)
            check_version(policy.version, expected)
            retention = policy.retention.edited(changes)
            if retention == policy.retention:
                return await work.commit(MemoryRetentionView.of(policy))
            because = MemoryRetentionEdited(
                workspace_id=workspace_id,
                actor=caller.actor,
                at=self.clock.now(),
                project_days=retention.project_days,
                task_days=retention.task_days,
            )
            saved = await work.memory_policies.save(replace(policy, retention=retention), because=because)
            if await work.memories.redate(workspace_id, retention, None, BATCH) is not None:
                await work.jobs.add(Job.of(RedateMemories(workspace_id=workspace_id), because.at))
            return await work.commit(MemoryRetentionView.of(saved))


@dataclass(frozen=True, slots=True, kw_only=True)
class RedateMemories(JobSpec):
    """Have all memories of a workspace expire as it has chosen."""

    type: ClassVar[str] = "redate_memories"
    workspace_id: WorkspaceId

    @property
    def workspace(self) -> WorkspaceId | None:
        return self.workspace_id

    @property
    def unique_key(self) -> str | None:
        return str(self.workspace_id)


@dataclass(frozen=True, slots=True)
class MemoryRedater:
    """Has memories expire by the retention of their workspace, `BATCH` in each unit of work."""

    begin: Begin[MemoriesWork]

    async def __call__(self, job: RedateMemories, claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many it changed. Done again, it goes on with what is left.

        When the workspace chooses otherwise meanwhile, it begins anew.

        Raises:
            JobCancelled: somebody asked it to stop; what was done stays done.
            LeaseLost: the job is not ours any more.
        """
        chosen, after, done = 0, None, 0
        while True:
            async with self.begin(claim) as work:
                await work.jobs.held(claim)  # jobs are locked before workspaces
                policy = await work.memory_policies.get(job.workspace_id)
                after = await work.memories.redate(
                    job.workspace_id, policy.retention, after if policy.version == chosen else None, BATCH
                )
                chosen = policy.version
                if after is None:
                    # While nobody chooses otherwise, so that whoever does next adds a job that has not ended.
                    await work.jobs.finish(claim)
                await work.commit(None)
            if after is None:
                return
            done += BATCH
            await progress.report(50, f"{done} memories")
