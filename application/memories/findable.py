"""What a search finds of memories: always what they say at the commit that changes them."""

from datetime import datetime

from application.knowledge.indexing import Content, index
from application.memories.link_similar import link_later
from application.memories.rebuild_profile import profile_is_stale
from application.ports.memories import MemoriesWork
from domain.ids import MemoryId
from domain.knowledge import Source, SourceKind, Standing
from domain.memories import Memory


def source_of(memory_id: MemoryId) -> Source:
    """What the passages of the memory are pieces of."""
    return Source(SourceKind.MEMORY, memory_id)


def standing_of(memory: Memory) -> Standing:
    """Who finds it: its owner, or every member when it is shared."""
    return Standing(
        owner_id=memory.owner_id,
        reader_id=None if memory.shared else memory.owner_id,
        tier=memory.tier,
        at=memory.updated_at,
        expires_at=memory.expires_at,
    )


async def find_as_saved(work: MemoriesWork, before: Memory | None, memory: Memory, language: str, at: datetime) -> None:
    """Has a memory found as it is now, one that is not live not at all; `before` is what it was, None when it is new.

    One that says something else now is linked after the commit with another that says nearly that.

    Called last in a unit, since the job that it adds may be held by others.
    """
    source, was_live = source_of(memory.id), before is not None and before.live
    if not memory.live:
        await work.passages.remove(source)
    elif before is None or not was_live or before.content != memory.content:
        await index(work, memory.workspace_id, source, Content(memory.content, language), standing_of(memory), at)
    else:
        await work.passages.restand(source, standing_of(memory))
    await profile_is_stale(work, memory.workspace_id, memory.owner_id, at)
    if before is not None and memory.live and memory.similar_to is None and before.content != memory.content:
        await link_later(work, memory.workspace_id, memory.owner_id, [memory.id], at)
