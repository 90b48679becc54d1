import asyncio

from typing_extensions import override

from adapters.redis.connection import OUTAGES, RedisConnection
from application.ports.health import Probe
from domain.errors import Unavailable

_DEADLINE = 1.0  # seconds


class RedisProbe(Probe):
    """Whether Redis answers within a second."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    @override
    async def check(self) -> str | None:
        try:
            async with asyncio.timeout(_DEADLINE):
                await self._connection.commands.execute_command("PING")
        except OUTAGES as error:
            raise Unavailable("Redis does not answer. See that it runs and that REDIS_URL names it.") from error
        return None
