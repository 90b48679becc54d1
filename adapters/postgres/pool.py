from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.statements import Connection

_SESSION = "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s"
# For a server that has gone without a word: seconds to connect, milliseconds to hear that what was sent has arrived.
_NETWORK = {"connect_timeout": 5, "tcp_user_timeout": 10_000}
_KEPT = 4  # connections open while nothing happens


@asynccontextmanager
async def open_pool(
    url: str,
    size: int,
    *,
    prepared: bool = True,
    wait: float = 2.0,
    connection_class: type[Connection] = AsyncConnection[tuple[Any, ...]],
) -> AsyncGenerator[AsyncConnectionPool[Connection], None]:
    """Up to `size` connections in autocommit with sessions in UTC, for as long as the block runs.

    It opens whether or not the server can be reached; whoever wants a connection waits for a free one `wait` seconds at
    most. Not `prepared` is for poolers between us and the server that cannot keep prepared statements.
    """

    async def configure(connection: Connection) -> None:
        # psycopg keeps 100 and forgets the longest unused: with more statements in rotation it would prepare for ever.
        connection.prepared_max = None

    pool = AsyncConnectionPool(
        url,
        connection_class=connection_class,
        kwargs={"autocommit": True, "prepare_threshold": 0 if prepared else None, "options": _SESSION, **_NETWORK},
        configure=configure,
        min_size=min(_KEPT, size),
        max_size=size,
        timeout=wait,
        open=False,
    )
    async with pool:
        yield pool


def closed_pool() -> AsyncConnectionPool[Connection]:
    """A pool that is never opened: to describe what would use it, not to use it."""
    return AsyncConnectionPool("", connection_class=AsyncConnection[tuple[Any, ...]], open=False)
