from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.entrypoints.http.edge.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def client(world: World) -> AsyncGenerator[httpx.AsyncClient, None]:
    async with world.client() as opened:
        yield opened
