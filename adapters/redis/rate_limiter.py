import asyncio
import logging
import math

from typing_extensions import override

from adapters.redis.connection import OUTAGES, RedisConnection
from application.ports.rate_limiter import Allowance, Rate, RateLimiter

_LOG = logging.getLogger(__name__)
_PAUSE = 1.0  # seconds after a failure in which Redis is not asked

# KEYS: the counter. ARGV: how many are allowed, milliseconds of the window. Returns whether this one was allowed, how
# many were, and milliseconds until the window ends. In one step, so that the figures are those of this very hit.
_HIT = """
local count = tonumber(redis.call('GET', KEYS[1]) or 0)
local left = redis.call('PTTL', KEYS[1])
if count >= tonumber(ARGV[1]) then return {0, count, left} end
count = redis.call('INCR', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return {1, count, left}
"""


class RedisRateLimiter(RateLimiter):
    """Counts in fixed windows that begin with a key's first hit, for all processes in one place.

    While Redis does not answer within `patience` seconds (few, as they are in the way of every request), `fallback`
    counts, without each request waiting to find that out.
    """

    def __init__(self, connection: RedisConnection, fallback: RateLimiter, *, patience: float = 0.2) -> None:
        self._connection = connection
        self._fallback = fallback
        self._patience = patience
        self._hit = connection.commands.register_script(_HIT)
        self._closed_until = 0.0
        self._alone = False

    @override
    async def hit(self, name: str, key: str, rate: Rate) -> Allowance:
        loop = asyncio.get_running_loop()
        if loop.time() < self._closed_until:
            return await self._fallback.hit(name, key, rate)
        try:
            async with asyncio.timeout(self._patience):
                allowance = await self._counted(name, key, rate)
        except OUTAGES as error:
            if not self._alone:
                _LOG.warning("Redis does not count (%s): this process counts alone.", type(error).__name__)
            self._alone, self._closed_until = True, loop.time() + _PAUSE
            return await self._fallback.hit(name, key, rate)
        self._alone = False
        return allowance

    async def _counted(self, name: str, key: str, rate: Rate) -> Allowance:
        counter = self._connection.key("limit", name, key)
        allowed, count, left = await self._hit(keys=[counter], args=[rate.amount, rate.seconds * 1000])
        return Allowance(
            allowed=bool(allowed),
            limit=rate.amount,
            remaining=max(0, rate.amount - count),
            reset_seconds=math.ceil(max(0, left) / 1000),
        )
