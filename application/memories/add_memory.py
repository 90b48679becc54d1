from dataclasses import dataclass, replace

from application.memories.find_similar import FindSimilar
from application.memories.remember import remember
from application.ports.clock import Clock
from application.ports.memories import MemoriesWork, MemoryView, MemoryViews
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.errors import NotFound
from domain.ids import UserId, WorkspaceId
from domain.memories import Memory, MemoryChanges


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
            await work.members.hold(workspace_id, memory.owner_id)
            added = await remember(
                work, memory.redated(policy.retention), policy.language, now, by=caller.actor, compared=True
            )
            # One that was there is not committed with an idempotency key: a repeat finds it again.
            return (
                (await work.commit(MemoryView.of(added.memory)), True)
                if added.new
                else (
                    MemoryView.of(added.memory),
                    False,
                )
            )
