import pytest

from tests.application.identity.front_door import FrontDoor
from tests.application.world import World


@pytest.fixture
def door(world: World) -> FrontDoor:
    return FrontDoor(world)
