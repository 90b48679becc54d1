from dataclasses import replace
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.statements import Command, Queries, Statement, only
from adapters.postgres.tables import memory_policies, workspaces
from application.ports.memories import MemoryPolicies, MemoryPolicy
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import WorkspaceId
from domain.memories import MemoryRetention


def _policy(*, project_days: int | None, task_days: int | None, version: int | None, **columns: Any) -> MemoryPolicy:
    if version is None:
        return MemoryPolicy(**columns)
    retention = MemoryRetention(project_days=project_days, task_days=task_days)
    return MemoryPolicy(retention=retention, version=version, **columns)


_id: BindParameter[Any] = bindparam("id")
_USE = Statement(select(workspaces.c.id).where(workspaces.c.id == _id).with_for_update(read=True, key_share=True), only)
_CHANGE = Statement(select(workspaces.c.id).where(workspaces.c.id == _id).with_for_update(), only)
POLICY = Statement(
    select(
        workspaces.c.id.label("workspace_id"),
        workspaces.c.language,
        memory_policies.c.project_days,
        memory_policies.c.task_days,
        memory_policies.c.version,
    )
    .join_from(workspaces, memory_policies, memory_policies.c.workspace_id == workspaces.c.id, isouter=True)
    .where(workspaces.c.id == _id),
    _policy,
)
_insert_policy = upsert(memory_policies)
_SAVE_POLICY = Command(
    _insert_policy.on_conflict_do_update(
        index_elements=[memory_policies.c.workspace_id],
        set_={name: _insert_policy.excluded[name] for name in ("project_days", "task_days", "version")},
    )
)


class PostgresMemoryPolicies(MemoryPolicies):
    """How workspaces keep memories, as rows.

    Who uses a policy locks the row of its workspace as a foreign key does, so that users do not wait for each other,
    and who changes it waits for them. What it is then is asked by a second statement: one alone would wait for the lock
    with a snapshot from before.
    """

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def get(self, workspace_id: WorkspaceId) -> MemoryPolicy:
        await self._queries.one(_USE, id=workspace_id)
        return await self._policy(workspace_id)

    @override
    async def lock(self, workspace_id: WorkspaceId) -> MemoryPolicy:
        await self._queries.one(_CHANGE, id=workspace_id)
        return await self._policy(workspace_id)

    @override
    async def save(self, policy: MemoryPolicy, because: Event) -> MemoryPolicy:
        saved = replace(policy, version=policy.version + 1)
        await self._queries.run(
            _SAVE_POLICY,
            workspace_id=saved.workspace_id,
            project_days=saved.retention.project_days,
            task_days=saved.retention.task_days,
            version=saved.version,
        )
        self._changes.explain(because)
        return saved

    async def _policy(self, workspace_id: WorkspaceId) -> MemoryPolicy:
        policy = await self._queries.one(POLICY, id=workspace_id)
        if policy is None:
            raise NotFound
        return policy
