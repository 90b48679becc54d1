from types import TracebackType
from typing import Any, Self, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from adapters.redis.subscriptions import Subscriptions

OUTAGES = (RedisError, OSError, TimeoutError)
"""What a command raises when Redis cannot be reached, is too slow, or cannot do it at the moment."""

NAMESPACE = "flightdeck"
"""What our keys and channels begin with."""
_CONNECTIONS = 32
_SECONDS = 1.0


class RedisConnection:
    """One process's connections to Redis: a pool for commands, and one connection that all its subscriptions share.

    `url` is as redis-py takes it (`redis://`, `rediss://`, `unix://`). Two instances with different namespaces share
    one Redis without meeting. Entering never fails: while Redis is away, commands fail and subscriptions are silent,
    and both come back with it.

    Attributes:
        commands: has no deadline of its own: whoever sends a command sets one with `asyncio.timeout`.
        subscriptions: the one connection that listens.
    """

    def __init__(self, url: str, *, namespace: str = NAMESPACE) -> None:
        # No retries: a command whose answer was lost may have been done, and doing it again is not always the same.
        # No socket timeout: redis-py keeps it with `asyncio.wait_for`, which before Python 3.12 swallows cancellations
        # and costs a task for each command.
        # `Any`, as redis-py's own types leave much unknown.
        pool = cast("Any", BlockingConnectionPool).from_url(
            url,
            protocol=2,
            max_connections=_CONNECTIONS,
            timeout=_SECONDS,
            socket_timeout=None,
            socket_connect_timeout=_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self.commands: Any = Redis.from_pool(pool)
        self.subscriptions = Subscriptions(pool.make_connection)
        self._namespace = namespace

    def key(self, *parts: object) -> str:
        """The name of a key or channel of ours."""
        return ":".join((self._namespace, *map(str, parts)))

    async def __aenter__(self) -> Self:
        await self.subscriptions.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.subscriptions.close()
        await self.commands.aclose()
