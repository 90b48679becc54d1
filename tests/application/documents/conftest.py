import pytest

from tests.application.documents.desk import Desk, a_desk
from tests.application.world import World


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)
