"""`python -m tests.quality`: prints how well search does, over the adapters in memory."""

import asyncio

from tests.application.world import World
from tests.quality.figures import told
from tests.quality.measured import found_by


async def _main() -> None:
    world = World()
    _, workspace = await world.owner()
    found = await found_by(world.begin, world.search, world.embeddings, world.embedder, workspace.id)
    print(f"{told(found.plainly)}\n\nas a companion asks:\n{told(found.conversationally)}")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_main())
