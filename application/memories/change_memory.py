"""What the owner of a memory does with it: edit it, delete it, undo that; and who manages members with a shared one."""

from dataclasses import dataclass, replace
from datetime import datetime

from application.memories.access import own, withdrawable
from application.memories.findable import find_as_saved, source_of
from application.memories.index_messages import source_of_message
from application.memories.rebuild_profile import profile_is_stale
from application.ports.clock import Clock
from application.ports.memories import MemoriesWork, MemoryView
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.ids import MemoryId, MessageId, UserId
from domain.memories import (
    Memory,
    MemoryChanges,
    MemoryChangeUndone,
    MemoryEdited,
    MemoryRemoved,
    MemorySourceType,
)
from domain.versions import check_version

_UNSHARED: MemoryChanges = {"shared": False}


@dataclass(frozen=True, slots=True)
class EditMemory:
    """Changes some fields of a memory."""

    begin: Begin[MemoriesWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, memory_id: MemoryId, changes: MemoryChanges, expected: int | None = None
    ) -> MemoryView:
        """The memory as it is now; one in which nothing changes keeps its version.

        Who manages members may do one thing with one that another shares: share it no more.

        Raises:
            NotFound, Forbidden: the caller may not. MemoryDeleted: it is deleted.
            Stale: it is not the version expected. EditConflict: it was changed at the same time.
            Invalid: a field cannot be taken. MemoryExists: the caller has another one of the same words.
        """
        now = self.clock.now()
        async with self.begin() as work:
            may = withdrawable if changes == _UNSHARED else own
            memory = may(caller, await work.memories.get(memory_id), now, Permission.MEMORY_WRITE)
            check_version(memory.version, expected)
            policy = await work.memory_policies.get(memory.workspace_id)
            await work.members.hold(memory.workspace_id, UserId(caller.actor.id))
            edited = memory.edited(changes, policy.retention, now)
            if edited == memory:
                return await work.commit(MemoryView.of(memory))
            # All who saw it are told when another than its owner takes it from them.
            told = edited if memory.owner_id == caller.actor.id else memory
            because = replace(MemoryEdited.of(told, by=caller.actor, at=now), fields=tuple(sorted(changes)))
            saved = await work.memories.save(edited, because=because)
            await find_as_saved(work, memory, saved, policy.language, now)
            return await work.commit(MemoryView.of(saved))


@dataclass(frozen=True, slots=True)
class RemoveMemory:
    """Deletes a memory; for 30 days that can be undone, unless it is deleted for good."""

    begin: Begin[MemoriesWork]
    clock: Clock

    async def __call__(
        self, caller: Caller, memory_id: MemoryId, expected: int | None = None, *, for_good: bool = False
    ) -> None:
        """Nothing; nobody finds it any more, nor the message it comes from, and once for good nothing is left of it.

        Who may only look may delete their own. Who manages members may delete one that another shares, but not for
        good.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: it is not the version expected.
            EditConflict: it was changed at the same time.
        """
        now = self.clock.now()
        async with self.begin() as work:
            memory = _removable(caller, await work.memories.get(memory_id), now, for_good=for_good)
            check_version(memory.version, expected)
            await work.memory_policies.get(memory.workspace_id)  # before the memory is locked, as everybody does
            if for_good or memory.deleted_at is None:
                because = replace(MemoryRemoved.of(memory, by=caller.actor, at=now), for_good=for_good)
                await remove_memory(work, memory, because)
            await work.commit(None)


def _removable(caller: Caller, memory: Memory, at: datetime, *, for_good: bool) -> Memory:
    """The memory, when the caller may delete it.

    Raises:
        NotFound, Forbidden: they may not.
    """
    may = own if for_good else withdrawable
    found = may(caller, memory, at, Permission.MEMORY_READ)
    grant = caller.grants[found.workspace_id]
    if grant.by_key or grant.suspended or found.owner_id != caller.actor.id:
        grant.must(Permission.MEMORY_WRITE)
    return found


async def remove_memory(work: MemoriesWork, memory: Memory, because: MemoryRemoved) -> None:
    """The memory is deleted, as the event says, and found no more.

    Nor is the message found that it comes from, which stays where it was said: else a companion would be told of it
    again. That stays so when the deletion is undone.

    Raises:
        EditConflict: it was changed since it was read.
    """
    if because.for_good:
        await work.memories.remove(memory, because=because)
    else:
        await work.memories.save(memory.deleted(because.at), because=because)
    await work.passages.remove(source_of(memory.id))
    if memory.source.type is MemorySourceType.MESSAGE and memory.source.id is not None:
        await work.passages.remove(source_of_message(MessageId(memory.source.id)))
    await profile_is_stale(work, memory.workspace_id, memory.owner_id, because.at)


@dataclass(frozen=True, slots=True)
class UndoMemory:
    """Undoes the last change of a memory, be it an edit, its deletion, or that another took its place."""

    begin: Begin[MemoriesWork]
    clock: Clock

    async def __call__(self, caller: Caller, memory_id: MemoryId, expected: int | None = None) -> MemoryView:
        """The memory as it was before; several undos go back through its changes one by one.

        One whose tier's time is over by now is pinned, so that it stays.

        Raises:
            NotFound, Forbidden: the caller may not. NothingToUndo: it has only ever been what it is.
            Stale: it is not the version expected. MemoryExists: the caller has another one of the same words by now.
            EditConflict: it was changed at the same time.
        """
        now = self.clock.now()
        async with self.begin() as work:
            memory = own(caller, await work.memories.get(memory_id), now, Permission.MEMORY_WRITE)
            check_version(memory.version, expected)
            policy = await work.memory_policies.get(memory.workspace_id)
            await work.members.hold(memory.workspace_id, memory.owner_id)
            before = memory.undone(await work.memories.history(memory_id), now)
            restored = before.redated(policy.retention).rescued(now)
            because = MemoryChangeUndone.of(restored, by=caller.actor, at=now)
            saved = await work.memories.save(restored, because=because)
            await find_as_saved(work, memory, saved, policy.language, now)
            return await work.commit(MemoryView.of(saved))
