"""Statements: written in SQLAlchemy Core, compiled once at import, run by psycopg."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Generic, TypeVar, cast

from psycopg import AsyncConnection, AsyncCursor, AsyncRawCursor, AsyncTransaction
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import ColumnElement, Delete, Insert, Select, Text, TextClause, Update, literal_column
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.selectable import TextualSelect
from sqlalchemy.types import TypeEngine
from typing_extensions import override

from adapters.postgres.errors import translated
from adapters.postgres.makers import Maker
from adapters.postgres.types import Coded

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)
Returning = Select[*tuple[Any, ...]] | Insert | Update | Delete | TextualSelect
Construct = Returning | TextClause

# Parameters as PostgreSQL itself names them ($1): others psycopg translates, a statement of over 4,096 bytes each time.
_DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

_LIMITS = b"""
select current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('maintenance_work_mem')
"""
# By value, not by `reset`: behind a pooler the session was given its own by statements, which `reset` forgets.
_LIMITED = b"""
select set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
  set_config('maintenance_work_mem', $3, false)
"""


def constant(value: StrEnum) -> ColumnElement[str]:
    """The value, written into the SQL: only so is the condition of a partial index recognised in a prepared plan."""
    return literal_column(f"'{value}'", Text())


def only(**columns: Any) -> Any:
    """The value of a row of one column."""
    (value,) = columns.values()
    return value


class Command:
    """A compiled statement of which only the number of rows it changes matters.

    Each `bindparam` is to be given by name; constants such as `limit(1)` are bound here. `columns` names what an insert
    or update sets besides its `values`. A list goes in as `column == any_(bindparam("ids", type_=ARRAY(Uuid)))`: an
    `IN` cannot be compiled ahead, save one of `constant`s.
    """

    def __init__(self, construct: Construct, columns: Collection[str] | None = None) -> None:
        compiled = construct.compile(dialect=_DIALECT, column_keys=None if columns is None else list(columns))
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        coded = {name: bind.type.encode for name, bind in binds.items() if isinstance(bind.type, Coded)}
        self.sql = str(compiled).encode()
        self._places: Sequence[str] = compiled.positiontup or ()
        self._open = {name for name, bind in binds.items() if bind.required}
        self._constants = {name: value for name, value in compiled.params.items() if name in binds.keys() - self._open}
        self._encoders = {name: encode for name, encode in coded.items() if encode is not None}

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters for psycopg, in the order of their numbers.

        Raises:
            TypeError: the names are not exactly those the statement leaves open.
        """
        if set(values) != self._open:
            raise TypeError(f"wants {sorted(self._open)}, got {sorted(values)}: {self.sql.decode()}")
        bound = {**self._constants, **values}
        for name, encode in self._encoders.items():
            if bound[name] is not None:
                bound[name] = encode(bound[name])
        return [bound[name] for name in self._places]


class Statement(Command, Generic[Row_co]):
    """A compiled statement whose rows each become `row(**columns)`, decoded by the types of the columns.

    Attributes:
        made: makes the object of a row that psycopg found.

    Raises:
        TypeError: the dataclass or `Maker` `row` wants other columns than the statement has.
    """

    def __init__(
        self, construct: Returning, row: Callable[..., Row_co], columns: Collection[str] | None = None
    ) -> None:
        super().__init__(construct, columns)
        types: dict[str, TypeEngine[Any]] = {str(name): each.type for name, each in construct.exported_columns.items()}
        decoders = ((name, type_.decode) for name, type_ in types.items() if isinstance(type_, Coded))
        places = {name: place for place, name in enumerate(types)}
        self.made: Callable[[Sequence[Any]], Row_co] = _maker(row, tuple(types)).of_rows(
            places, {name: decode for name, decode in decoders if decode}
        )


def _maker(row: Callable[..., Row], columns: Sequence[str]) -> Maker[Row]:
    if isinstance(row, Maker):
        return cast("Maker[Row]", row)
    made: Any = row
    arguments = [field.name for field in fields(made)] if is_dataclass(made) else columns
    return Maker(row, {name: name for name in arguments})


class Connection(AsyncConnection[tuple[Any, ...]]):
    """Keeps the cursors of statements that give a row at most, and with them the rows they found last.

    What it is asked has its parameters as `$1`.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.cursor_factory = AsyncRawCursor
        self._kept: dict[bytes, AsyncCursor[tuple[Any, ...]]] = {}

    async def again(self, query: bytes, values: Sequence[Any]) -> AsyncCursor[tuple[Any, ...]]:
        """As `execute`, with a third less work when the same `query` was run before; until it is run again."""
        cursor = self._kept.get(query)
        if cursor is None:
            cursor = self._kept[query] = self.cursor()
        return await cursor.execute(query, values)


class Queries:
    """What repositories and views ask, alike inside a transaction and outside of one.

    Raises:
        DomainError: as `adapters.postgres.errors.translated` says.
    """

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._connect = connect

    async def one(self, statement: Statement[Row], /, **values: Any) -> Row | None:
        """The first row, or None."""
        with translated():
            async with self._connect() as connection:
                cursor = await connection.again(statement.sql, statement.bind(values))
                found = await cursor.fetchone()
        return None if found is None else statement.made(found)

    async def all(self, statement: Statement[Row], /, **values: Any) -> list[Row]:
        """All rows."""
        with translated():
            async with self._connect() as connection:
                cursor = await connection.execute(statement.sql, statement.bind(values))
                return list(map(statement.made, await cursor.fetchall()))

    async def run(self, command: Command, /, **values: Any) -> int:
        """The number of rows it changed."""
        with translated():
            async with self._connect() as connection:
                return (await connection.again(command.sql, command.bind(values))).rowcount


class Transaction(Queries):
    """Queries of one transaction, which is undone unless `commit` is called."""

    def __init__(self, connection: Connection, block: AsyncTransaction, stack: AsyncExitStack) -> None:
        super().__init__(self._connected)
        self._connection: Connection | None = connection
        self._block = block
        self._stack = stack

    async def commit(self) -> None:
        """What it did is true for everybody, and its connection is free for others."""
        self._block.force_rollback = False
        self._connection = None
        with translated():
            await self._stack.aclose()

    def _connected(self) -> AbstractAsyncContextManager[Connection]:
        if self._connection is None:
            raise RuntimeError("The transaction has been committed.")
        return nullcontext(self._connection)


class _Borrowed(AbstractAsyncContextManager[Connection]):
    """A connection of the pool for a block; unlike `pool.connection()` it ends with no commit, as all is autocommit."""

    __slots__ = ("_connection", "_pool")
    _connection: Connection

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    @override
    async def __aenter__(self) -> Connection:
        self._connection = await self._pool.getconn()
        return self._connection

    @override
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.putconn(self._connection)


class Database(Queries):
    """Autocommit: each statement is one round trip on any free connection."""

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        super().__init__(lambda: _Borrowed(pool))
        self._pool = pool

    async def maintain(self, statement: str) -> None:
        """Runs what may take long and in no transaction, such as building an index while others write.

        It waits for others as long as they take: an index that is built so waits for all transactions that began
        before, and would be left invalid if it gave up.
        """
        with translated():
            async with self._connect() as connection:
                found = await (await connection.execute(_LIMITS)).fetchone()
                try:
                    await connection.execute(_LIMITED, ("0", "0", "512MB"))
                    await connection.execute(statement.encode(), prepare=False)
                finally:
                    await connection.execute(_LIMITED, found)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction, None]:
        """A transaction, undone at the end of the block unless it was committed before."""
        async with AsyncExitStack() as stack:
            with translated():
                connection = await stack.enter_async_context(_Borrowed(self._pool))
                block = await stack.enter_async_context(connection.transaction(force_rollback=True))
            yield Transaction(connection, block, stack)
