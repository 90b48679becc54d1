from typing import Any, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapters.redis.connection import NAMESPACE, OUTAGES
from domain.errors import Unavailable

_SECONDS = 5.0
_PAGE = 1_000


def forget_runs(url: str) -> int:
    """Removes the live text of every run; returns of how many.

    What is kept of a run is in the database. Its live text is newer than a database put back to an earlier moment, and
    would refuse what an attempt of a lower number writes.

    Raises:
        Unavailable: Redis does not answer.
    """
    try:
        with _connected(url) as redis:
            keys = list(redis.scan_iter(match=f"{NAMESPACE}:run:*", count=_PAGE))
            for begin in range(0, len(keys), _PAGE):
                redis.unlink(*keys[begin : begin + _PAGE])
            return len(keys)
    except OUTAGES as error:
        raise Unavailable("Redis does not answer. See that it runs and that REDIS_URL names it.") from error


def _connected(url: str) -> Any:
    # `Any`, as redis-py's own types leave much unknown.
    seconds = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
    return cast("Any", Redis).from_url(url, retry=Retry(NoBackoff(), 0), **seconds)
