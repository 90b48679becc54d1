import pytest

from tests.application.workspaces.house import House
from tests.application.world import World


@pytest.fixture
def house(world: World) -> House:
    return House(world)
