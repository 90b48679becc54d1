"""How something comes to be remembered, whoever wants it to."""

from dataclasses import dataclass, replace
from datetime import datetime

from application.memories.findable import find_as_saved, source_of
from application.memories.link_similar import link_later
from application.memories.rebuild_profile import profile_is_stale
from application.ports.memories import MemoriesWork
from domain.activity import Event
from domain.actors import Actor
from domain.ids import MemoryId
from domain.memories import Memory, MemoryAdded, MemoryExists, MemoryPruned, MemorySuperseded, PruneReason


@dataclass(frozen=True, slots=True)
class Remembered:
    """The memory as it is stored, and whether it is new: else its owner had one of the same words, which this is."""

    memory: Memory
    new: bool


async def remember(
    work: MemoriesWork, memory: Memory, language: str, at: datetime, *, by: Actor, compared: bool = False
) -> Remembered:
    """Adds a memory that can be found by the words of `language` with the commit; one of the same words stays as it is.

    Its expiry is that of `work.memory_policies.get`, which also tells the language. Unless it was `compared` with the
    owner's others before, it is linked after the commit with one that says nearly the same.

    Raises:
        NotFound: the workspace or its owner is gone.
    """
    remembered = await add_once(work, memory, at, by=by, because=MemoryAdded.of(memory, by=by, at=at))
    if remembered.new:
        await find_as_saved(work, None, remembered.memory, language, at)
        if not compared:
            await link_later(work, memory.workspace_id, memory.owner_id, [memory.id], at)
    return remembered


async def supersede(work: MemoriesWork, old: Memory, by_memory: MemoryId, at: datetime, *, by: Actor) -> Memory:
    """The old memory, kept and linked with the one that says what is true now, and found no more.

    Raises:
        MemoryDeleted: it is deleted. EditConflict: it was changed since it was read.
    """
    because = replace(MemorySuperseded.of(old, by=by, at=at), superseded_by=by_memory)
    saved = await work.memories.save(old.superseded(by_memory, at), because=because)
    await work.passages.remove(source_of(old.id))
    await profile_is_stale(work, old.workspace_id, old.owner_id, at)
    return saved


async def add_once(work: MemoriesWork, memory: Memory, at: datetime, *, by: Actor, because: Event | None) -> Remembered:
    """Adds a memory, which nothing finds yet, unless its owner has one of the same words.

    One of the same words whose time is over makes room for it, as if it had been pruned already.

    Raises:
        NotFound: the workspace or its owner is gone.
    """
    while True:
        try:
            await work.memories.add(memory, because)
        except MemoryExists:
            present = await work.memories.of_digest(memory.workspace_id, memory.owner_id, memory.digest)
            if present is not None and not present.expired(at):
                return Remembered(present, new=False)
            if present is not None:
                await _prune(work, present, at, by=by)
        else:
            return Remembered(memory, new=True)


async def _prune(work: MemoriesWork, memory: Memory, at: datetime, *, by: Actor) -> None:
    because = replace(MemoryPruned.of(memory, by=by, at=at), reason=PruneReason.EXPIRED)
    await work.memories.save(memory.pruned(at), because=because)
    await work.passages.remove(source_of(memory.id))
