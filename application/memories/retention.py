"""For how long a workspace keeps memories."""

from dataclasses import dataclass, replace
from typing import Self

from application.ports.clock import Clock
from application.ports.memories import MemoriesWork, MemoryPolicy, MemoryViews
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import WorkspaceId
from domain.memories import MemoryRetentionChanges, MemoryRetentionEdited
from domain.versions import check_version


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
            await work.memories.redate(workspace_id, retention)
            return await work.commit(MemoryRetentionView.of(saved))
