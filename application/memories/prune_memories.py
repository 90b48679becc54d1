from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from application.memories.rebuild_profile import profile_is_stale
from application.ports.clock import Clock
from application.ports.jobs import JobProgress
from application.ports.pruning import DeletedMemories, PrunableMemory, PruningViews, PruningWork
from application.ports.unit_of_work import Begin
from domain.actors import SYSTEM
from domain.errors import NotFound
from domain.ids import MemoryId
from domain.jobs import Claim, JobSpec
from domain.knowledge import Source, SourceKind
from domain.memories import RESTORABLE, Memory, MemoryPruned, PruneReason, prune_reason

BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneMemories(JobSpec):
    """Delete the memories that nobody will need, and forget those that were deleted long ago."""

    type: ClassVar[str] = "prune_memories"

    @property
    def unique_key(self) -> str | None:
        return "all"


@dataclass(frozen=True, slots=True)
class MemoryPruner:
    """Deletes what `prune_reason` names, which can be undone for 30 days, and forgets what was deleted before these.

    Each batch is a unit of work, in which each memory is looked at again under its lock: what was pinned, changed or
    recalled meanwhile stays. Begun again after a crash, it goes on with what is left.
    """

    begin: Begin[PruningWork]
    views: PruningViews
    deleted: DeletedMemories
    clock: Clock

    async def __call__(self, _job: PruneMemories, claim: Claim, progress: JobProgress) -> None:
        """Nothing; its note tells how many it pruned and why, and how many are gone for good.

        Raises:
            JobCancelled: somebody asked it to stop; what was done stays done.
            LeaseLost: the job is not ours any more.
        """
        number = Counter[PruneReason]()
        async with aclosing(self.pruned(claim)) as batches:
            async for batch in batches:
                number.update(memory.reason for memory in batch)
                await progress.report(0, _note(number))
        gone = 0
        async with aclosing(self.purged()) as counts:
            async for count in counts:
                gone += count
                await progress.report(50, f"{_note(number)}; {gone} gone for good")
        await progress.report(100, f"{_note(number)}; {gone} gone for good")

    async def due(self) -> AsyncGenerator[Sequence[PrunableMemory], None]:
        """What is to be pruned at this moment, batch by batch; nothing is changed."""
        at, after = self.clock.now(), None
        while batch := await self.views.due(at, after, BATCH):
            yield batch
            after = batch[-1].id

    async def overdue(self) -> int:
        """How many memories were deleted too long ago to be restored; nothing is changed."""
        return await self.deleted.overdue(self.clock.now() - RESTORABLE)

    async def pruned(self, claim: Claim | None = None) -> AsyncGenerator[Sequence[PrunableMemory], None]:
        """What has been pruned, batch by batch, by the job of the claim or by whoever runs this instance.

        Raises:
            LeaseLost: the job is not ours any more.
        """
        at = self.clock.now()
        async with aclosing(self.due()) as batches:
            async for batch in batches:
                yield await self._prune(batch, at, claim)

    async def purged(self) -> AsyncGenerator[int, None]:
        """How many memories are gone for good after each batch; their old versions go, too, and those of others."""
        before = self.clock.now() - RESTORABLE
        async with aclosing(_emptied(self.deleted.purge, before)) as counts:
            async for count in counts:
                yield count
        async with aclosing(_emptied(self.deleted.purge_versions, before)) as counts:
            async for _ in counts:
                yield 0

    async def _prune(
        self, batch: Sequence[PrunableMemory], at: datetime, claim: Claim | None
    ) -> Sequence[PrunableMemory]:
        async with self.begin(claim) as work:
            if claim is not None:
                await work.jobs.held(claim)
            # After the job the workspaces, then the memories, each in the order of their ids, as everybody locks them.
            for workspace_id in sorted({due.workspace_id for due in batch}):
                with suppress(NotFound):
                    await work.memory_policies.get(workspace_id)
            pruned = [memory for due in batch if (memory := await _pruned(work, due.id, at))]
            owners = {(memory.workspace_id, memory.owner_id) for memory in pruned}
            for workspace_id, owner_id in sorted(owners):
                await profile_is_stale(work, workspace_id, owner_id, at)
            await work.commit(None)
        kept = {memory.id for memory in pruned}
        return [due for due in batch if due.id in kept]


async def _pruned(work: PruningWork, memory_id: MemoryId, at: datetime) -> Memory | None:
    """The memory, pruned, if there still is one with a reason."""
    try:
        memory = await work.memories.lock(memory_id)
    except NotFound:
        return None
    reason = prune_reason(memory, at)
    if reason is None:
        return None
    because = replace(MemoryPruned.of(memory, by=SYSTEM, at=at), reason=reason)
    await work.passages.remove(Source(SourceKind.MEMORY, memory.id))
    return await work.memories.save(memory.pruned(at), because=because)


async def _emptied(purge: Callable[[datetime, int], Awaitable[int]], before: datetime) -> AsyncGenerator[int, None]:
    while count := await purge(before, BATCH):
        yield count


def _note(number: Counter[PruneReason]) -> str:
    why = ", ".join(f"{number[reason]} {reason}" for reason in PruneReason if number[reason])
    total = number.total()
    return f"{total} {'memory' if total == 1 else 'memories'} pruned ({why})" if total else "No memory to prune"
