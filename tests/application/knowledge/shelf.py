"""What a search finds, put there without the use cases that usually do."""

from adapters.memory.passages import MemoryPassages
from domain.ids import WorkspaceId
from domain.knowledge import Source, Standing, passages_of
from tests.application.world import World


async def put(world: World, workspace_id: WorkspaceId, source: Source, text: str, standing: Standing) -> None:
    """The source has the passages of this text, in English and without vectors."""
    passages = passages_of(workspace_id, source, text, world.clock.now())
    with world.store.transaction() as transaction:
        await MemoryPassages(world.store, transaction).replace(workspace_id, source, passages, standing, "en")
        transaction.apply()
