"""Somebody who has memories, in the short words in which tests speak of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

from application.ports.workspaces import WorkspaceView
from domain.access import Caller
from domain.ids import MemoryId, UserId
from domain.jobs import Claim, Job, JobSpec
from domain.memories import Memory, MemoryAdded, MemoryChanges, MemoryRetention
from tests.application.world import LEASE, World

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Keeper:
    """A user with a workspace of their own."""

    world: World
    caller: Caller
    workspace: WorkspaceView

    @classmethod
    async def new(cls, world: World, email: str = "ada@example.com") -> Self:
        return cls(world, *await world.owner(email))

    @property
    def id(self) -> UserId:
        return UserId(self.caller.actor.id)

    async def remembers(self, content: str, changes: MemoryChanges | None = None, **fields: Any) -> Memory:
        """A memory of theirs, stored as it is; `fields` are set whatever they are."""
        at = fields.get("created_at") or self.world.clock.advance(timedelta(milliseconds=1))
        said: MemoryChanges = {"content": content, **(changes or {})}
        memory = replace(Memory.added(self.workspace.id, self.id, said, MemoryRetention(), at), **fields)
        async with self.world.begin() as work:
            await work.memories.add(memory, because=MemoryAdded.of(memory, by=self.caller.actor, at=at))
            return await work.commit(memory)

    def memory(self, memory_id: MemoryId) -> Memory | None:
        """The memory as it is stored."""
        return self.world.store.memories.rows.get(memory_id)


async def claimed(world: World, spec: JobSpec) -> Claim:
    """A job that does this, in the hands of a worker."""
    async with world.begin() as work:
        await work.jobs.add(Job.of(spec, world.clock.now()))
        await work.commit(None)
    (claim,) = await world.queue.claim([spec.type], 1, LEASE)
    return claim


async def finished(world: World, spec: JobSpec, do: Callable[[Claim], Awaitable[None]]) -> None:
    """The job is done, and has ended."""
    claim = await claimed(world, spec)
    try:
        await do(claim)
    finally:
        await world.queue.finish(claim)
