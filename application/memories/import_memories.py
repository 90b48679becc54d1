import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from typing import Protocol
from uuid import UUID

from application.knowledge.embed_passages import EmbedPassages
from application.memories.findable import source_of, standing_of
from application.memories.link_similar import link_later
from application.memories.memory_files import ImportedLine, ImportedMemories, LineFault, Tally
from application.memories.rebuild_profile import profile_is_stale
from application.memories.remember import add_once
from application.ports.clock import Clock
from application.ports.collections import Collections
from application.ports.memories import MemoriesWork, MemoryPolicy
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.actors import Actor
from domain.errors import Conflict, Fault, Invalid
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.jobs import Job
from domain.knowledge import Passage, Standing, passages_of
from domain.memories import (
    Collection,
    CollectionCreated,
    CollectionEdited,
    CollectionFields,
    MemoriesImported,
    Memory,
    MemorySource,
    MemorySourceType,
    check_collections,
)

_BATCH = 250
_MOST_COLLECTIONS = 20
_FUTURE = Fault("/created_at", "in_the_future", "A memory cannot come from the future.")
_OVER = Fault("/created_at", "expired", "The time of its tier is over. Pin it to keep it.")
_MANY = Fault("/collections", "too_many", f"A line may name {_MOST_COLLECTIONS} collections.")


class ImportingWork(MemoriesWork, Protocol):
    """What imports touch."""

    collections: Collections


@dataclass(frozen=True, slots=True)
class ImportMemories:
    """Takes memories from a file; those that its owner has already are left as they are."""

    begin: Begin[ImportingWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, lines: Sequence[ImportedLine | LineFault]
    ) -> ImportedMemories:
        """What became of each line; the good ones are taken although others are bad.

        A line that another one of the file supersedes becomes a memory that this one supersedes; one that is superseded
        by none of the file is so nevertheless. Collections are found by their names, or made. What says nearly the same
        as another is linked with it after the commit.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.MEMORY_WRITE, workspace_id)
        now, owner_id, tally = self.clock.now(), UserId(caller.actor.id), Tally()
        async with self.begin() as work:
            policy = await work.memory_policies.get(workspace_id)
            await work.members.hold(workspace_id, owner_id)
            drafts = await asyncio.to_thread(_drafts, lines, owner_id, policy, now, tally)
            importing = _Importing(work, policy, owner_id, caller.actor, now, tally)
            await importing.take(drafts)
            if tally.imported:
                work.record(
                    MemoriesImported(
                        workspace_id=workspace_id, actor=caller.actor, at=now, told_to=owner_id, imported=tally.imported
                    )
                )
                await work.jobs.add(Job.of(EmbedPassages(workspace_id=workspace_id), now))
                await profile_is_stale(work, workspace_id, owner_id, now)
                await link_later(work, workspace_id, owner_id, importing.live, now)
            return await work.commit(tally.result)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line and what comes of it, if nothing says the same yet: a memory, and the collections that it names.

    Attributes:
        positions: its places in these, as far as it says so, by their names.
    """

    line: ImportedLine
    memory: Memory
    collections: Sequence[Collection]
    positions: Mapping[str, int]

    def place(self, name: str) -> tuple[float, int]:
        """What orders it among others in the collection of this name."""
        return self.positions.get(name, inf), self.line.number


@dataclass(frozen=True, slots=True)
class _Importing:
    """Takes lines within a unit of work.

    Attributes:
        live: the new memories that are found. taken: the memory of each line, by its number, which may have been there.
        named: the same by what the file calls them.
    """

    work: ImportingWork
    policy: MemoryPolicy
    owner_id: UserId
    by: Actor
    now: datetime
    tally: Tally
    live: list[MemoryId] = field(default_factory=list[MemoryId])
    taken: dict[int, MemoryId] = field(default_factory=dict[int, MemoryId])
    named: dict[UUID, MemoryId] = field(default_factory=dict[UUID, MemoryId])

    async def take(self, drafts: Sequence[_Draft]) -> None:
        # The number of collections and these are locked before memories are, as everywhere.
        names = {each.name for draft in drafts for each in draft.collections}
        number = await self.work.collections.number_of(self._place, self.owner_id) if names else 0
        present = await self.work.collections.of_names(self._place, self.owner_id, names) if names else ()
        true = [draft for draft in drafts if draft.line.superseded_by is None]
        for first in range(0, len(true), _BATCH):
            await self._add(true[first : first + _BATCH])
        await self._add_superseded([draft for draft in drafts if draft.line.superseded_by is not None])
        await self._collect(drafts, {each.name: each for each in present}, number)

    @property
    def _place(self) -> WorkspaceId:
        return self.policy.workspace_id

    async def _add(self, drafts: Sequence[_Draft]) -> None:
        stored = set(await self.work.memories.add_all([draft.memory for draft in drafts]))
        added: list[Memory] = []
        for draft in drafts:
            memory, new = draft.memory, draft.memory.id in stored
            if not new:
                # One that was there may be over, and then makes room.
                kept = await add_once(self.work, memory, self.now, by=self.by, because=None)
                memory, new = kept.memory, kept.new
            self._take(draft, memory.id)
            added += [memory] if new else []
        passages = await asyncio.to_thread(_passages, added)
        await self.work.passages.add_all(self._place, passages, self.policy.language)
        self._count(len(added), of=len(drafts))
        self.live.extend(memory.id for memory in added)

    async def _add_superseded(self, drafts: Sequence[_Draft]) -> None:
        if not drafts:
            return
        digests = {draft.memory.digest for draft in drafts}
        present = await self.work.memories.of_digests(self._place, self.owner_id, digests)
        known = {memory.digest: memory.id for memory in present}
        for draft in drafts:
            self._take(draft, known.setdefault(draft.memory.digest, draft.memory.id))
        new = [draft for draft in drafts if known[draft.memory.digest] == draft.memory.id]
        for first in range(0, len(new), _BATCH):
            await self.work.memories.add_all([self._superseded(draft) for draft in new[first : first + _BATCH]])
        self._count(len(new), of=len(drafts))

    def _superseded(self, draft: _Draft) -> Memory:
        by = draft.line.superseded_by
        return replace(draft.memory, superseded_by=self.named.get(by, MemoryId(by)) if by else None)

    def _take(self, draft: _Draft, memory_id: MemoryId) -> None:
        self.taken[draft.line.number] = memory_id
        if draft.line.id is not None:
            self.named[draft.line.id] = memory_id

    def _count(self, new: int, *, of: int) -> None:
        self.tally.imported += new
        self.tally.skipped += of - new

    async def _collect(self, drafts: Sequence[_Draft], present: Mapping[str, Collection], number: int) -> None:
        """Puts the memories into their collections, each at its place, as far as there is room."""
        for wanted, inside in _by_collection(drafts):
            collection = present.get(wanted.name)
            if collection is None:
                try:
                    check_collections(number)
                except Conflict as full:
                    self._tell(inside[0], full)
                    continue
                created, number = CollectionCreated.of(wanted, by=self.by, at=self.now), number + 1
                await self.work.collections.add(wanted, because=created)
            await self._put(collection or wanted, inside)

    async def _put(self, collection: Collection, drafts: Sequence[_Draft]) -> None:
        held = collection
        for draft in drafts:
            try:
                held = held.holding(self.taken[draft.line.number], self.now)
            except Conflict as full:
                self._tell(draft, full)
                break
        if held != collection:
            await self.work.collections.save(held, because=CollectionEdited.of(held, by=self.by, at=self.now))

    def _tell(self, draft: _Draft, full: Conflict) -> None:
        self.tally.tell(LineFault.of(draft.line.number, Fault("/collections", full.code, full.detail)))


def _drafts(
    lines: Sequence[ImportedLine | LineFault], owner_id: UserId, policy: MemoryPolicy, now: datetime, tally: Tally
) -> list[_Draft]:
    """What comes of the lines that can be taken."""
    drafts: list[_Draft] = []
    for line in lines:
        if isinstance(line, LineFault):
            tally.refuse(line)
            continue
        try:
            memory = _memory(line, owner_id, policy, now)
            drafts.append(_Draft(line, memory, *_named(line, memory, now)))
        except Invalid as refused:
            tally.refuse(*(LineFault.of(line.number, fault) for fault in refused.faults))
    # In one order, so that of two who bring the same none waits for the other in a circle.
    return sorted(drafts, key=lambda draft: draft.memory.digest)


def _by_collection(drafts: Sequence[_Draft]) -> Iterable[tuple[Collection, Sequence[_Draft]]]:
    """Each collection that is named, in the order of lines, and what names it, in the order it is to have there."""
    named: dict[str, tuple[Collection, list[_Draft]]] = {}
    for draft in sorted(drafts, key=lambda draft: draft.line.number):
        for each in draft.collections:
            named.setdefault(each.name, (each, []))[1].append(draft)
    return [
        (collection, sorted(inside, key=lambda draft: draft.place(name)))
        for name, (collection, inside) in named.items()
    ]


def _passages(memories: Sequence[Memory]) -> list[tuple[Sequence[Passage], Standing]]:
    return [
        (
            passages_of(memory.workspace_id, source_of(memory.id), memory.content, memory.created_at),
            standing_of(memory),
        )
        for memory in memories
    ]


def _memory(line: ImportedLine, owner_id: UserId, policy: MemoryPolicy, now: datetime) -> Memory:
    at = line.created_at or now
    if at > now:
        raise Invalid(_FUTURE)
    source = MemorySource(MemorySourceType.IMPORT)
    memory = Memory.added(policy.workspace_id, owner_id, line.fields, policy.retention, at, source=source)
    if memory.expired(now):
        raise Invalid(_OVER)
    return memory


def _named(line: ImportedLine, memory: Memory, now: datetime) -> tuple[Sequence[Collection], Mapping[str, int]]:
    """The collections that the line names, empty, as they are made when there are none, and its places in them.

    Raises:
        Invalid: they are too many, or one has no name.
    """
    if len(line.collections) > _MOST_COLLECTIONS:
        raise Invalid(_MANY)
    made: dict[str, Collection] = {}
    positions: dict[str, int] = {}
    for place, named in enumerate(line.collections):
        try:
            fields: CollectionFields = {"kind": named.kind, "name": named.name}
            collection = Collection.created(memory.workspace_id, memory.owner_id, fields, now)
        except Invalid as refused:
            pointed = (replace(fault, pointer=f"/collections/{place}{fault.pointer}") for fault in refused.faults)
            raise Invalid(*pointed) from refused
        made.setdefault(collection.name, collection)
        if named.position is not None:
            positions.setdefault(collection.name, named.position)
    return list(made.values()), positions
