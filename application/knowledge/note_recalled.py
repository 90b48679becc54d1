from collections.abc import Collection
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.memories import MemoriesWork
from application.ports.unit_of_work import Begin
from domain.ids import MemoryId


@dataclass(frozen=True, slots=True)
class NoteRecalled:
    """Counts what was found, for whoever found it and has been answered: nobody waits for the count."""

    begin: Begin[MemoriesWork]
    clock: Clock

    async def __call__(self, memory_ids: Collection[MemoryId]) -> None:
        """Each of these memories has been recalled once more."""
        if not memory_ids:
            return
        async with self.begin() as work:
            await work.memories.recalled(memory_ids, self.clock.now())
            await work.commit(None)
