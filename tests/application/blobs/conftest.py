import pytest

from tests.application.blobs.desk import Desk
from tests.application.world import World


@pytest.fixture
async def desk(world: World) -> Desk:
    _, workspace = await world.owner()
    return Desk(world, workspace.id)
