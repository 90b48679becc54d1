"""How proposals become memories: what is known stays as it is, and what is not true any more is superseded."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from application.memories.findable import find_as_saved
from application.memories.look_up import Known
from application.memories.remember import Remembered, remember, supersede
from application.ports.collections import Collections
from application.ports.memories import MemoriesWork, MemoryPolicy
from domain.actors import ASSISTANT
from domain.errors import NotFound
from domain.ids import CollectionId, MemoryId, UserId, WorkspaceId
from domain.memories import CollectionEdited, CollectionFull, Memory, MemoryChanges, MemoryEdited, MemorySource
from domain.memories.collections import Collection
from domain.memories.contradiction import Relation, relation


class KeepingWork(MemoriesWork, Protocol):
    """What keeps proposals touches."""

    collections: Collections


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """To whose memory proposals go, where they come from, and when."""

    workspace_id: WorkspaceId
    owner_id: UserId
    source: MemorySource
    at: datetime


@dataclass(slots=True)
class Kept:
    """What became of proposals: the memories that are new or true again, and those that are not true any more."""

    added: list[MemoryId] = field(default_factory=list[MemoryId])
    superseded: list[MemoryId] = field(default_factory=list[MemoryId])


async def keep_proposals(work: KeepingWork, known: Sequence[Known], keeping: Keeping) -> Kept:
    """Adds what nothing that is live says yet, and supersedes what says otherwise.

    What was said before in the same words and superseded since is true again, instead of being there twice. The unit
    has locked what comes before workspaces.
    """
    if not known:
        return Kept()
    policy = await work.memory_policies.get(keeping.workspace_id)
    # All that may change is locked before the first change, since changes add jobs, which others may hold.
    collections = await _collections(work, known)
    memories = await _memories(work, known, keeping)
    keeper = _Keeper(work, policy, keeping, memories, Kept())
    for each in known:
        memory = await keeper.keep(each)
        collection = collections.get(each.collection_id)
        if memory is not None and collection is not None:
            collections[collection.id] = await _put_into(work, collection, memory.id, keeping.at)
    return keeper.kept


@dataclass(frozen=True, slots=True)
class _Keeper:
    work: KeepingWork
    policy: MemoryPolicy
    keeping: Keeping
    memories: dict[MemoryId, Memory]
    kept: Kept

    async def keep(self, known: Known) -> Memory | None:
        """The memory that says it from now on; None when one that is live says it already."""
        added = [self.memories[memory_id] for memory_id in self.kept.added]
        looked_at = (self.memories.get(memory_id) for memory_id in known.alike)
        others = {other.id: other for other in (*looked_at, *added) if other is not None and other.live}
        how = {other.id: relation(known.proposal.content, other.content) for other in others.values()}
        untrue = [others[key] for key, is_ in how.items() if is_ is Relation.SUPERSEDES]
        repeated = next((key for key, is_ in how.items() if is_ is Relation.REPEATS), None)
        if repeated is not None:
            await self._supersede(untrue, repeated)
            return None
        similar = next((other for other, is_ in how.items() if is_ is Relation.RESEMBLES), None)
        restored = await self._true_again(known)
        remembered = Remembered(restored, new=True) if restored else await self._new(known, similar)
        await self._supersede(untrue, remembered.memory.id)
        if not remembered.new:
            return None
        self.memories[remembered.memory.id] = remembered.memory
        self.kept.added.append(remembered.memory.id)
        return remembered.memory

    async def _supersede(self, untrue: Sequence[Memory], by_memory: MemoryId) -> None:
        for other in untrue:
            self.memories[other.id] = await supersede(self.work, other, by_memory, self.keeping.at, by=ASSISTANT)
            self.kept.superseded.append(other.id)

    async def _true_again(self, known: Known) -> Memory | None:
        """The memory of the same words, when it was superseded, is kept still, and none other says the same."""
        memory = self.memories.get(known.before) if known.before else None
        if memory is None or memory.deleted_at is not None or memory.superseded_by is None:
            return None
        if await self.work.memories.of_digest(memory.workspace_id, memory.owner_id, memory.digest) is not None:
            return None
        because = replace(MemoryEdited.of(memory, by=ASSISTANT, at=self.keeping.at), fields=("superseded_by",))
        saved = await self.work.memories.save(memory.true_again(self.keeping.at), because=because)
        await find_as_saved(self.work, memory, saved, self.policy.language, self.keeping.at)
        return saved

    async def _new(self, known: Known, similar_to: MemoryId | None) -> Remembered:
        proposal, keeping = known.proposal, self.keeping
        fields: MemoryChanges = {
            "content": proposal.content,
            "tier": proposal.tier,
            "metadata": proposal.metadata,
        }
        memory = Memory.added(
            keeping.workspace_id, keeping.owner_id, fields, self.policy.retention, keeping.at, source=keeping.source
        )
        linked = replace(memory, similar_to=similar_to)
        return await remember(self.work, linked, self.policy.language, keeping.at, by=ASSISTANT, compared=True)


async def _collections(work: KeepingWork, known: Sequence[Known]) -> dict[CollectionId | None, Collection]:
    """The collections that memories are proposed for, as far as they are there still, locked in one order."""
    collections: dict[CollectionId | None, Collection] = {}
    for collection_id in sorted({each.collection_id for each in known if each.collection_id}):
        try:
            collections[collection_id] = await work.collections.lock(collection_id)
        except NotFound:
            continue
    return collections


async def _memories(work: KeepingWork, known: Sequence[Known], keeping: Keeping) -> dict[MemoryId, Memory]:
    """The owner's memories to compare with, as far as they are there and not over, locked in one order."""
    looked_at = {memory_id for each in known for memory_id in (*each.alike, each.before) if memory_id}
    memories: dict[MemoryId, Memory] = {}
    for memory_id in sorted(looked_at):
        try:
            memory = await work.memories.lock(memory_id)
        except NotFound:
            continue
        theirs = (memory.workspace_id, memory.owner_id) == (keeping.workspace_id, keeping.owner_id)
        if theirs and not memory.expired(keeping.at):
            memories[memory_id] = memory
    return memories


async def _put_into(work: KeepingWork, collection: Collection, memory_id: MemoryId, at: datetime) -> Collection:
    try:
        held = collection.holding(memory_id, at)
    except CollectionFull:
        return collection
    if held == collection:
        return collection
    return await work.collections.save(held, because=CollectionEdited.of(held, by=ASSISTANT, at=at))
