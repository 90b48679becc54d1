"""One's memories and those that others share, to look at."""

from dataclasses import dataclass
from typing import TypedDict

from application.memories.access import own, seen
from application.ports.clock import Clock
from application.ports.memories import MemoryFilter, MemoryVersionView, MemoryView, MemoryViews
from domain.access import Caller, Permission
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import RESTORABLE, Tier
from domain.pages import Page


class Wanted(TypedDict, total=False):
    """Which memories are listed; absent and None leave a filter out. `deleted` adds one's own deleted ones."""

    tier: Tier | None
    tag: str | None
    shared: bool | None
    q: str | None
    superseded: bool
    deleted: bool


@dataclass(frozen=True, slots=True)
class ListMemories:
    """Shows one's memories in a workspace, and those that others share there."""

    views: MemoryViews
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, wanted: Wanted, cursor: str | None, limit: int
    ) -> Page[MemoryView]:
        """A page of them, newest first.

        Raises:
            NotFound, Forbidden: the caller may not. InvalidCursor: the cursor is no cursor of the list.
        """
        caller.must(Permission.MEMORY_READ, workspace_id)
        tag = wanted.get("tag")
        only = MemoryFilter(
            reader_id=UserId(caller.actor.id),
            tier=wanted.get("tier"),
            tag=None if tag is None else tag.strip().lower(),
            shared=wanted.get("shared"),
            q=wanted.get("q"),
            superseded=wanted.get("superseded", False),
            deleted_after=self.clock.now() - RESTORABLE if wanted.get("deleted") else None,
        )
        return await self.views.memories(workspace_id, only, cursor, limit)


@dataclass(frozen=True, slots=True)
class ReadMemory:
    """Shows a memory."""

    views: MemoryViews
    clock: Clock

    async def __call__(self, caller: Caller, memory_id: MemoryId) -> MemoryView:
        """The memory; its owner sees it for 30 days after its deletion, too.

        Raises:
            NotFound, Forbidden: there is none that the caller may see.
        """
        return seen(caller, await self.views.memory(memory_id), self.clock.now())


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """Shows what a memory is and was."""

    views: MemoryViews
    clock: Clock

    async def __call__(
        self, caller: Caller, memory_id: MemoryId, cursor: str | None, limit: int
    ) -> Page[MemoryVersionView]:
        """A page of its versions that are kept, newest first.

        Raises:
            NotFound, Forbidden: it is not the caller's own. InvalidCursor: the cursor is no cursor of the list.
        """
        own(caller, await self.views.memory(memory_id), self.clock.now(), Permission.MEMORY_READ)
        return await self.views.versions(memory_id, cursor, limit)
