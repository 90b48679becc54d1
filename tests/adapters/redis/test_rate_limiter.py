import asyncio

import pytest
from typing_extensions import override

from adapters.memory.rate_limiter import MemoryRateLimiter
from adapters.redis.connection import RedisConnection
from adapters.redis.rate_limiter import RedisRateLimiter
from application.ports.rate_limiter import Rate, RateLimiter
from tests.adapters.redis.conftest import DEADLINE, PATIENCE, Server
from tests.contracts.rate_limiter import RateLimiterContract

_RATE = Rate(amount=5, seconds=600)


class TestRedisRateLimiter(RateLimiterContract):
    @pytest.fixture
    @override
    def limiter(self, connection: RedisConnection) -> RateLimiter:
        return RedisRateLimiter(connection, MemoryRateLimiter(), patience=PATIENCE)


async def test_processes_count_together(server: Server) -> None:
    async with RedisConnection(server.url) as one, RedisConnection(server.url) as two:
        limiters = [RedisRateLimiter(connection, MemoryRateLimiter(), patience=PATIENCE) for connection in (one, two)]
        hits = [await limiter.hit("posts", "key", _RATE) for limiter in limiters for _ in range(4)]

    assert [hit.allowed for hit in hits] == [True] * 5 + [False] * 3


@pytest.mark.parametrize("outage", ["killed", "frozen"])
async def test_while_redis_is_away_the_process_counts_alone(
    server: Server, own_connection: RedisConnection, outage: str
) -> None:
    limiter = RedisRateLimiter(own_connection, MemoryRateLimiter())
    assert (await limiter.hit("posts", "before", _RATE)).allowed
    await server.kill() if outage == "killed" else server.freeze()

    hits = [await limiter.hit("posts", "key", _RATE) for _ in range(200)]

    assert sum(hit.allowed for hit in hits) == 5


async def test_when_redis_is_back_it_counts_again(server: Server, own_connection: RedisConnection) -> None:
    limiter = RedisRateLimiter(own_connection, MemoryRateLimiter())
    await server.kill()
    assert (await limiter.hit("posts", "key", _RATE)).allowed
    await server.start()

    async with asyncio.timeout(DEADLINE):
        while not await own_connection.commands.get(own_connection.key("limit", "posts", "key")):
            await limiter.hit("posts", "key", Rate(amount=10_000, seconds=600))


async def test_counters_expire(own_connection: RedisConnection) -> None:
    await RedisRateLimiter(own_connection, MemoryRateLimiter(), patience=PATIENCE).hit("posts", "key", _RATE)

    assert 0 < await own_connection.commands.ttl(own_connection.key("limit", "posts", "key")) <= 600
