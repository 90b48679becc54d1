import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.knowledge.embed_passages import EmbedPassages
from application.memories.findable import source_of, standing_of
from application.memories.rebuild_profile import profile_is_stale
from application.memories.remember import add_once
from application.ports.clock import Clock
from application.ports.memories import MemoriesWork, MemoryPolicy
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.actors import Actor
from domain.errors import Fault, Invalid
from domain.ids import UserId, WorkspaceId
from domain.jobs import Job
from domain.knowledge import Passage, Standing, passages_of
from domain.memories import MemoriesImported, Memory, MemoryChanges, MemorySource, MemorySourceType

MOST_LINES = 5_000
MOST_BYTES = 5 * 1024 * 1024
_TOLD = 100
_BATCH = 250
_FUTURE = Fault("/created_at", "in_the_future", "A memory cannot come from the future.")
_OVER = Fault("/created_at", "expired", "The time of its tier is over. Pin it to keep it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedLine:
    """What a line of a file says; `number` counts from 1, and without `created_at` the memory is new."""

    number: int
    fields: MemoryChanges
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFault:
    """One thing wrong with a line, as in `Fault`."""

    line: int
    pointer: str
    code: str
    detail: str

    @classmethod
    def of(cls, line: int, fault: Fault) -> "LineFault":
        """The fault of the line."""
        return cls(line=line, pointer=fault.pointer, code=fault.code, detail=fault.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMemories:
    """What became of a file.

    Attributes:
        imported: lines that are memories now. skipped: lines of which there was a memory of the same words.
        failed: lines that cannot be taken. errors: what is wrong with the first of them, up to 100 faults.
    """

    imported: int
    skipped: int
    failed: int
    errors: Sequence[LineFault]


@dataclass(slots=True)
class _Tally:
    imported: int = 0
    skipped: int = 0
    failed: set[int] = field(default_factory=set[int])
    errors: list[LineFault] = field(default_factory=list[LineFault])

    def refuse(self, *faults: LineFault) -> None:
        self.failed.update(fault.line for fault in faults)
        self.errors += faults[: _TOLD - len(self.errors)]

    @property
    def result(self) -> ImportedMemories:
        return ImportedMemories(
            imported=self.imported, skipped=self.skipped, failed=len(self.failed), errors=self.errors
        )


@dataclass(frozen=True, slots=True)
class ImportMemories:
    """Takes memories from a file; those that its owner has already are left as they are."""

    begin: Begin[MemoriesWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, lines: Sequence[ImportedLine | LineFault]
    ) -> ImportedMemories:
        """What became of each line; the good ones are taken although others are bad.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.MEMORY_WRITE, workspace_id)
        now, owner_id, tally = self.clock.now(), UserId(caller.actor.id), _Tally()
        async with self.begin() as work:
            policy = await work.memory_policies.get(workspace_id)
            memories = await asyncio.to_thread(_memories, lines, owner_id, policy, now, tally)
            for first in range(0, len(memories), _BATCH):
                await _add(work, memories[first : first + _BATCH], policy.language, now, tally, by=caller.actor)
            if tally.imported:
                imported = MemoriesImported(
                    workspace_id=workspace_id, actor=caller.actor, at=now, told_to=owner_id, imported=tally.imported
                )
                work.record(imported)
                await work.jobs.add(Job.of(EmbedPassages(workspace_id=workspace_id), now))
                await profile_is_stale(work, workspace_id, owner_id, now)
            return await work.commit(tally.result)


def _memories(
    lines: Sequence[ImportedLine | LineFault], owner_id: UserId, policy: MemoryPolicy, now: datetime, tally: _Tally
) -> list[Memory]:
    """The memories of the lines that can be taken."""
    memories: list[Memory] = []
    for line in lines:
        if isinstance(line, LineFault):
            tally.refuse(line)
            continue
        try:
            memories.append(_memory(line, owner_id, policy, now))
        except Invalid as refused:
            tally.refuse(*(LineFault.of(line.number, fault) for fault in refused.faults))
    # In one order, so that of two who bring the same none waits for the other in a circle.
    return sorted(memories, key=lambda memory: memory.digest)


async def _add(
    work: MemoriesWork, memories: Sequence[Memory], language: str, now: datetime, tally: _Tally, *, by: Actor
) -> None:
    stored = set(await work.memories.add_all(memories))
    for memory in memories:
        # One that was there may be over, and then makes room.
        if memory.id not in stored and (await add_once(work, memory, now, by=by, because=None)).new:
            stored.add(memory.id)
    added = [memory for memory in memories if memory.id in stored]
    await work.passages.add_all(memories[0].workspace_id, await asyncio.to_thread(_passages, added), language)
    tally.imported += len(added)
    tally.skipped += len(memories) - len(added)


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
