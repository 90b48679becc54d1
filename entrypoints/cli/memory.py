import asyncio
from argparse import Namespace
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from application.memories.prune_memories import MemoryPruner
from application.ports.pruning import PrunableMemory
from domain.memories import PruneReason
from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.container import running
from entrypoints.logs import configure
from entrypoints.settings import Settings

_WHY = {
    PruneReason.EXPIRED: "its time is over",
    PruneReason.SUPERSEDED: "another says what is true now, and nobody has asked for it in 90 days",
}


def run(arguments: Namespace) -> int:
    """Prunes memories now, or tells which it would; either says of each why, and of none what it says."""
    settings = with_secret_key(configured())
    configure(settings)
    print(asyncio.run(_prune(settings, dry=arguments.dry_run)))
    return 0


async def _prune(given: Settings, *, dry: bool) -> str:
    async with with_servers(given) as settings, running(settings) as container:
        pruner = container.memories().prune_memories()
        return await _would(pruner) if dry else await _did(pruner)


async def _would(pruner: MemoryPruner) -> str:
    due, overdue = await _told(pruner.due()), await pruner.overdue()
    return f"Nothing was changed. Pruned would be: {due}; gone for good of those deleted before: {overdue}."


async def _did(pruner: MemoryPruner) -> str:
    pruned, gone = await _told(pruner.pruned()), 0
    async with aclosing(pruner.purged()) as counts:
        async for count in counts:
            gone += count
    return f"Pruned: {pruned}, which can be undone for 30 days; gone for good of those deleted before: {gone}."


async def _told(batches: AsyncGenerator[Sequence[PrunableMemory], None]) -> int:
    """How many there were, each of which has been told."""
    number = 0
    async with aclosing(batches):
        async for batch in batches:
            number += len(batch)
            for memory in batch:
                print(f"{memory.handle}: {memory.tier} memory {memory.id}: {_WHY[memory.reason]}.", flush=True)
    return number
