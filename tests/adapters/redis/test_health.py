from collections.abc import AsyncIterator

import pytest
from typing_extensions import override

from adapters.redis.connection import RedisConnection
from adapters.redis.health import RedisProbe
from application.ports.health import Probe
from domain.errors import Unavailable
from tests.adapters.redis.conftest import Server
from tests.contracts.health import ProbeContract


class TestRedisProbe(ProbeContract):
    @pytest.fixture
    @override
    def working(self, connection: RedisConnection) -> Probe:
        return RedisProbe(connection)

    @pytest.fixture
    @override
    async def broken(self) -> AsyncIterator[Probe]:
        async with RedisConnection("unix:///nonexistent/redis.sock") as connection:
            yield RedisProbe(connection)


async def test_a_frozen_redis_is_told_without_internals(server: Server, own_connection: RedisConnection) -> None:
    server.freeze()

    with pytest.raises(Unavailable, match="REDIS_URL") as refusal:
        await RedisProbe(own_connection).check()

    assert server.url not in str(refusal.value)


async def test_it_is_well_again_when_redis_is_back(server: Server, own_connection: RedisConnection) -> None:
    await server.kill()
    with pytest.raises(Unavailable):
        await RedisProbe(own_connection).check()
    await server.start()

    assert await RedisProbe(own_connection).check() is None
