from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from typing_extensions import override

from adapters.memory.pages import in_order, newest_first
from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.memories import (
    Memories,
    MemoryFilter,
    MemoryPolicies,
    MemoryPolicy,
    MemoryVersionView,
    MemoryView,
    MemoryViews,
)
from domain.activity import Event
from domain.errors import NotFound
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.knowledge import Source, SourceKind
from domain.memories import Memory, MemoryExists, MemoryRetention, MemorySource
from domain.pages import Page

Found = TypeVar("Found")


class MemoryMemories(Memories):
    """Memories within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._memories = store.memories
        self._transaction = transaction

    @override
    async def add(self, memory: Memory, because: Event | None = None) -> None:
        await self._transaction.insert(self._memories, memory)
        await self._transaction.put(self._store.memory_versions, memory)
        self._transaction.explain(because)

    @override
    async def add_all(self, memories: Sequence[Memory]) -> Collection[MemoryId]:
        added: list[MemoryId] = []
        for memory in memories:
            with suppress(MemoryExists):
                await self.add(memory)
                added.append(memory.id)
        return added

    @override
    async def get(self, memory_id: MemoryId) -> Memory:
        return _found(self._transaction.get(self._memories, memory_id))

    @override
    async def lock(self, memory_id: MemoryId) -> Memory:
        memory = await self._transaction.locked(self._memories, memory_id)
        return _found(memory)

    @override
    async def of_digest(self, workspace_id: WorkspaceId, owner_id: UserId, digest: bytes) -> Memory | None:
        wanted = (workspace_id, owner_id, digest)
        found = (each for each in self._transaction.all(self._memories) if each.live)
        return next((each for each in found if (each.workspace_id, each.owner_id, each.digest) == wanted), None)

    @override
    async def of_source(self, workspace_id: WorkspaceId, owner_id: UserId, source: MemorySource) -> Sequence[Memory]:
        wanted = (workspace_id, owner_id, source)
        memories = self._transaction.all(self._memories)
        found = sorted(each.id for each in memories if (each.workspace_id, each.owner_id, each.source) == wanted)
        locked: list[Memory] = []
        for memory_id in found:
            memory = await self._transaction.locked(self._memories, memory_id)
            locked += [memory] if memory is not None and memory.deleted_at is None else []
        return locked

    @override
    async def of_digests(
        self, workspace_id: WorkspaceId, owner_id: UserId, digests: Collection[bytes]
    ) -> Sequence[Memory]:
        wanted = {(workspace_id, owner_id, digest) for digest in digests}
        kept = (each for each in self._transaction.all(self._memories) if each.deleted_at is None)
        return [each for each in kept if (each.workspace_id, each.owner_id, each.digest) in wanted]

    @override
    async def save(self, memory: Memory, because: Event | None = None) -> Memory:
        stored = await self._transaction.locked(self._memories, memory.id)
        if stored is not None:
            memory = replace(memory, access_count=stored.access_count, last_accessed_at=stored.last_accessed_at)
        saved = await self._transaction.replace(self._memories, memory)
        await self._transaction.put(self._store.memory_versions, saved)
        self._transaction.explain(because)
        return saved

    @override
    async def history(self, memory_id: MemoryId) -> Sequence[Memory]:
        versions = self._transaction.all(self._store.memory_versions)
        return sorted((each for each in versions if each.id == memory_id), key=_version)

    @override
    async def remove(self, memory: Memory, because: Event | None = None) -> None:
        await self._transaction.discard(self._memories, memory)
        await self._drop_dependents(memory.id)
        self._transaction.explain(because)

    @override
    async def recalled(self, memory_ids: Collection[MemoryId], at: datetime) -> None:
        for memory_id in sorted(set(memory_ids)):
            memory = await self._transaction.locked(self._memories, memory_id)
            if memory is not None:
                last = max(at, memory.last_accessed_at or at)
                counted = replace(memory, access_count=memory.access_count + 1, last_accessed_at=last)
                await self._transaction.put(self._memories, counted)

    @override
    async def link(self, memory_id: MemoryId, similar_to: MemoryId) -> None:
        memory = await self._transaction.locked(self._memories, memory_id)
        if memory is not None and memory.similar_to is None:
            await self._transaction.put(self._memories, replace(memory, similar_to=similar_to))

    @override
    async def redate(
        self, workspace_id: WorkspaceId, retention: MemoryRetention, after: MemoryId | None, limit: int
    ) -> MemoryId | None:
        kept = (each for each in self._transaction.all(self._memories) if each.deleted_at is None)
        behind = (each for each in kept if each.workspace_id == workspace_id and (after is None or each.id > after))
        due = sorted((each for each in behind if each.redated(retention) != each), key=_id)[:limit]
        for memory in due:
            redated = memory.redated(retention)
            await self._transaction.put(self._memories, redated)
            await self._redate_passages(redated)
        return due[-1].id if len(due) == limit else None

    @override
    async def unshare(self, workspace_id: WorkspaceId, owner_id: UserId) -> None:
        self._transaction.explain(None)
        for memory in self._transaction.all(self._memories):
            if memory.shared and (memory.workspace_id, memory.owner_id) == (workspace_id, owner_id):
                await self._transaction.update(self._memories, replace(memory, shared=False))
                await self._restand(memory.id, reader_id=owner_id)

    @override
    async def forget(self, owner_id: UserId) -> None:
        self._transaction.explain(None)
        for held in self._transaction.all(self._store.sources):
            if owner_id in (held.standing.owner_id, held.standing.reader_id):
                await self._transaction.remove(self._store.sources, self._store.sources.key(held))
        for memory in self._transaction.all(self._memories):
            if memory.owner_id == owner_id:
                await self._transaction.remove(self._memories, memory.id)
                await self._drop_dependents(memory.id)

    async def _redate_passages(self, memory: Memory) -> None:
        await self._restand(memory.id, expires_at=memory.expires_at)

    async def _restand(self, memory_id: MemoryId, **changes: Any) -> None:
        source = Source(SourceKind.MEMORY, memory_id)
        for held in self._transaction.all(self._store.sources):
            if held.source == source:
                standing = replace(held.standing, **changes)
                await self._transaction.put(self._store.sources, replace(held, standing=standing))

    async def _drop_dependents(self, memory_id: MemoryId) -> None:
        for version in await self.history(memory_id):
            await self._transaction.remove(self._store.memory_versions, (memory_id, version.version))
        for held in self._transaction.all(self._store.collection_memories):
            if held.memory_id == memory_id:
                await self._transaction.remove(self._store.collection_memories, (held.collection_id, memory_id))
        for answered in self._transaction.all(self._store.idempotency_keys):
            if answered.memory_id == memory_id:
                await self._transaction.remove(self._store.idempotency_keys, (answered.scope, answered.key))


class MemoryMemoryPolicies(MemoryPolicies):
    """How workspaces keep memories, within a transaction; whoever asks for one waits for whoever has asked before."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._transaction = transaction

    @override
    async def get(self, workspace_id: WorkspaceId) -> MemoryPolicy:
        return await self.lock(workspace_id)

    @override
    async def lock(self, workspace_id: WorkspaceId) -> MemoryPolicy:
        chosen = await self._transaction.locked(self._store.memory_policies, workspace_id)
        workspace = self._transaction.get(self._store.workspaces, workspace_id)
        if workspace is None:
            raise NotFound
        fresh = MemoryPolicy(workspace_id=workspace_id, language=workspace.language)
        return replace(chosen, language=workspace.language) if chosen else fresh

    @override
    async def save(self, policy: MemoryPolicy, because: Event) -> MemoryPolicy:
        self._transaction.explain(because)
        saved = replace(policy, version=policy.version + 1)
        await self._transaction.put(self._store.memory_policies, saved)
        return saved


class MemoryMemoryViews(MemoryViews):
    """Committed memories."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def memory(self, memory_id: MemoryId) -> MemoryView | None:
        memory = self._store.memories.rows.get(memory_id)
        return MemoryView.of(memory) if memory else None

    @override
    async def several(self, memory_ids: Collection[MemoryId]) -> Sequence[MemoryView]:
        rows = self._store.memories.rows
        return [MemoryView.of(rows[memory_id]) for memory_id in dict.fromkeys(memory_ids) if memory_id in rows]

    @override
    async def memories(
        self, workspace_id: WorkspaceId, only: MemoryFilter, cursor: str | None, limit: int
    ) -> Page[MemoryView]:
        memories = (row for row in self._store.memories.rows.values() if row.workspace_id == workspace_id)
        return newest_first((MemoryView.of(row) for row in memories if _passes(row, only)), cursor, limit)

    @override
    async def versions(self, memory_id: MemoryId, cursor: str | None, limit: int) -> Page[MemoryVersionView]:
        versions = (row for row in self._store.memory_versions.rows.values() if row.id == memory_id)
        views = (MemoryVersionView.of(row) for row in versions)
        return in_order(views, lambda view: (-view.number,), cursor, limit, int)

    @override
    async def owned(
        self, owner_id: UserId, workspace_id: WorkspaceId | None, after: MemoryId | None, limit: int
    ) -> Sequence[MemoryView]:
        owned = (row for row in self._store.memories.rows.values() if row.owner_id == owner_id)
        there = (row for row in owned if workspace_id in {None, row.workspace_id})
        found = sorted((row for row in there if after is None or row.id > after), key=lambda row: row.id)
        return [MemoryView.of(row) for row in found[:limit]]

    @override
    async def policy(self, workspace_id: WorkspaceId) -> MemoryPolicy | None:
        workspace = self._store.workspaces.rows.get(workspace_id)
        if workspace is None:
            return None
        fresh = MemoryPolicy(workspace_id=workspace_id, language=workspace.language)
        chosen = self._store.memory_policies.rows.get(workspace_id)
        return replace(chosen, language=workspace.language) if chosen else fresh


def _passes(memory: Memory, only: MemoryFilter) -> bool:
    return (
        (memory.shared or memory.owner_id == only.reader_id)
        and _there(memory, only)
        and (only.superseded or memory.superseded_by is None)
        and only.tier in {None, memory.tier}
        and (only.tag is None or only.tag in memory.tags)
        and only.shared in {None, memory.shared}
        and (only.q is None or only.q.lower() in memory.content.lower())
    )


def _there(memory: Memory, only: MemoryFilter) -> bool:
    if memory.deleted_at is None:
        return True
    own = memory.owner_id == only.reader_id
    return own and only.deleted_after is not None and memory.deleted_at > only.deleted_after


def _version(memory: Memory) -> int:
    return memory.version


def _id(memory: Memory) -> MemoryId:
    return memory.id


def _found(found: Found | None) -> Found:
    if found is None:
        raise NotFound
    return found
