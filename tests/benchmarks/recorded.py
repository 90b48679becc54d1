"""What our adapters ask of the database, to be asked again by hand."""

import secrets
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from psycopg import AsyncCursor
from typing_extensions import override

from adapters.postgres.statements import Connection

Asked = tuple[bytes, Sequence[Any]]
"""A statement and its parameters."""
_DIGEST = 32


class Recording(Connection):
    """A connection that notes what it is asked.

    Attributes:
        asked: by all connections, in order; whoever wants a piece of it empties it before.
    """

    asked: list[Asked] = []  # noqa: RUF012 (one for all is what is wanted)

    @override
    async def execute(self, query: Any, params: Any = None, **more: Any) -> AsyncCursor[tuple[Any, ...]]:
        self.asked.append((query, params))
        return await super().execute(query, params, **more)

    @override
    async def again(self, query: bytes, values: Sequence[Any]) -> AsyncCursor[tuple[Any, ...]]:
        self.asked.append((query, values))
        return await super().again(query, values)


async def replay(connection: Connection, asked: Sequence[Asked]) -> None:
    """Asks all of it once more, one statement after the other, and reads what is answered."""
    for query, values in asked:
        cursor = await connection.execute(query, values)
        if cursor.description:
            await cursor.fetchall()


def as_new(asked: Sequence[Asked], known: frozenset[UUID]) -> list[Asked]:
    """The same statements about other things: each id but the `known` becomes a new one, and each digest, too."""
    named: dict[UUID, UUID] = {}

    def renewed(value: object) -> object:
        match value:
            case UUID() if value not in known:
                return named.setdefault(value, uuid4())
            case bytes() if len(value) == _DIGEST:
                return secrets.token_bytes(_DIGEST)
            case list():
                return [renewed(each) for each in cast("list[object]", value)]
            case _:
                return value

    return [(query, [renewed(value) for value in values]) for query, values in asked]
