from dataclasses import dataclass, replace

from application.memories.remember import remember
from application.ports.clock import Clock
from application.ports.knowledge import PassageSearch
from application.ports.memories import MemoriesWork, MemoryPolicy, MemoryView, MemoryViews
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.knowledge import Filters, SourceKind
from domain.memories import ALIKE, Memory, MemoryChanges, likeness

_LOOKED_AT = 5
_QUERY = 1_000
"""Characters of a content that are looked for: enough to find what says nearly the same."""


@dataclass(frozen=True, slots=True)
class FindSimilar:
    """Finds the memory of the same owner that says nearly the same as another."""

    search: PassageSearch
    views: MemoryViews

    async def __call__(self, memory: Memory, policy: MemoryPolicy) -> MemoryId | None:
        """The most alike of the five that share the most words with it, from `ALIKE` on, or None; never itself."""
        only = Filters(
            workspace_id=memory.workspace_id,
            reader_id=memory.owner_id,
            owner_id=memory.owner_id,
            kinds=frozenset({SourceKind.MEMORY}),
            at=memory.created_at,
            excluding=frozenset({memory.id}),
        )
        ranked = await self.search.lexical(memory.content[:_QUERY], policy.language, only, _LOOKED_AT)
        found = await self.search.found([each.passage_id for each in ranked])
        others = await self.views.several({MemoryId(each.passage.source.id) for each in found})
        alike = {other.id: likeness(other.content, memory.content) for other in others}
        best = max(alike, key=lambda key: (alike[key], key), default=None)
        return best if best is not None and alike[best] >= ALIKE else None


@dataclass(frozen=True, slots=True)
class AddMemory:
    """Remembers something that a user says themselves; no model is asked."""

    begin: Begin[MemoriesWork]
    views: MemoryViews
    find_similar: FindSimilar
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, fields: MemoryChanges
    ) -> tuple[MemoryView, bool]:
        """The new memory, linked with one that says nearly the same; or the one of the same words that there was.

        Returns:
            The memory, and whether it is new.

        Raises:
            NotFound, Forbidden: the caller may not. Invalid: a field cannot be taken.
        """
        caller.must(Permission.MEMORY_WRITE, workspace_id)
        now = self.clock.now()
        policy = await self.views.policy(workspace_id)
        if policy is None:
            raise NotFound
        memory = Memory.added(workspace_id, UserId(caller.actor.id), fields, policy.retention, now)
        memory = replace(memory, similar_to=await self.find_similar(memory, policy))
        async with self.begin() as work:
            policy = await work.memory_policies.get(workspace_id)
            added = await remember(work, memory.redated(policy.retention), policy.language, now, by=caller.actor)
            # One that was there is not committed with an idempotency key: a repeat finds it again.
            return (
                (await work.commit(MemoryView.of(added.memory)), True)
                if added.new
                else (
                    MemoryView.of(added.memory),
                    False,
                )
            )
