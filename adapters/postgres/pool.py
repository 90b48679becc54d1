from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.statements import Connection

_SESSION = {
    "timezone": "UTC",
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",  # to compile a search takes many times as long as to run it
}
_AT_START = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
_AFTERWARDS = "; ".join(f"set {name} = '{value}'" for name, value in _SESSION.items()).encode()
# For a server that has gone without a word: seconds to connect, milliseconds to hear that what was sent has arrived.
_NETWORK = {"connect_timeout": 5, "tcp_user_timeout": 10_000}
_PREPARED = {"prepare_threshold": 0, "options": _AT_START}
_UNPREPARED = {"prepare_threshold": None}
_KEPT = 4  # connections open while nothing happens


@asynccontextmanager
async def open_pool(
    url: str,
    size: int,
    *,
    prepared: bool = True,
    wait: float = 2.0,
    connection_class: type[Connection] = Connection,
) -> AsyncGenerator[AsyncConnectionPool[Connection], None]:
    """Up to `size` connections in autocommit with sessions in UTC, for as long as the block runs.

    It opens whether or not the server can be reached; whoever wants a connection waits for a free one `wait` seconds at
    most.

    Not `prepared` is for a pooler between us and the server that keeps no prepared statements. Such a pooler refuses
    startup options, too, so the session is set up by statements instead. One that gives each transaction any of its
    connections (PgBouncer's transaction mode) keeps the time zone for us and not the timeouts: they hold for sure only
    if it sets them itself (its `connect_query`).
    """

    async def configure(connection: Connection) -> None:
        # psycopg keeps 100 and forgets the longest unused: with more statements in rotation it would prepare for ever.
        connection.prepared_max = None
        set_json_loads(msgspec.json.decode, connection)
        if not prepared:
            await connection.execute(_AFTERWARDS)

    pool = AsyncConnectionPool(
        url,
        connection_class=connection_class,
        kwargs={"autocommit": True, **(_PREPARED if prepared else _UNPREPARED), **_NETWORK},
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
    return AsyncConnectionPool("", connection_class=Connection, open=False)
