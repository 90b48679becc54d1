import pytest

from tests.application.mail.office import Office
from tests.application.world import World


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)
