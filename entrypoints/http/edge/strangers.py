import math
import time
from collections.abc import Callable

from litestar.types import Scope

from application.ports.rate_limiter import Allowance, Rate, RateLimiter
from domain.errors import Limited
from entrypoints.http.edge.addresses import bucket
from entrypoints.http.edge.exchange import Exchange, exchange_of
from entrypoints.http.edge.limits import READING, Limits
from entrypoints.http.edge.opts import PUBLIC

_MOST_CLOSED = 10_000

Bucket = tuple[str, str]


class Strangers:
    """Counts requests with a wrong or missing token by address: writes of visitors' routes as those, others as reads.

    An address that has used up a limit so is closed to what that limit counts until it is fresh: its tokens are not
    looked at, right or wrong, as each look costs a query. Each process closes it by itself, on the next wrong token.
    """

    def __init__(self, limiter: RateLimiter, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self._limiter = limiter
        self._limits = limits
        self._now = now
        self._closed: dict[Bucket, float] = {}

    def __len__(self) -> int:
        """How many are remembered as closed."""
        return len(self._closed)

    def admit(self, scope: Scope) -> None:
        """Lets a request be looked at, uncounted.

        Raises:
            Limited: its address is closed.
        """
        exchange = exchange_of(scope)
        name, rate = self._limit(scope, exchange)
        key = (name, bucket(exchange.address))
        left = self._left(key)
        if rate is None or not left:
            return
        exchange.allowance = Allowance(allowed=False, limit=rate.amount, remaining=0, reset_seconds=left)
        raise Limited(retry_after=left)

    async def count(self, scope: Scope) -> None:
        """Counts a request whose token was none.

        Raises:
            Limited: its address has had too many.
        """
        exchange = exchange_of(scope)
        name, rate = self._limit(scope, exchange)
        if rate is None:
            return
        key = (name, bucket(exchange.address))
        exchange.allowance = await self._limiter.hit(*key, rate)
        if not exchange.allowance.remaining:
            self._close(key, exchange.allowance.reset_seconds)
        if not exchange.allowance.allowed:
            raise Limited(retry_after=exchange.allowance.reset_seconds)

    def _limit(self, scope: Scope, exchange: Exchange) -> tuple[str, Rate | None]:
        if exchange.method not in READING and scope["path"].startswith(PUBLIC):
            return "public_writes", self._limits.public_writes
        return "reads", self._limits.reads

    def _left(self, key: Bucket) -> int:
        """Whole seconds until what is closed opens; 0 when it is open."""
        until = self._closed.get(key)
        if until is None:
            return 0
        left = max(0, math.ceil(until - self._now()))
        if not left:
            del self._closed[key]
        return left

    def _close(self, key: Bucket, seconds: int) -> None:
        now = self._now()
        if len(self._closed) >= _MOST_CLOSED:
            self._closed = {key: until for key, until in self._closed.items() if until > now}
        if len(self._closed) >= _MOST_CLOSED:
            del self._closed[next(iter(self._closed))]
        self._closed[key] = now + seconds
