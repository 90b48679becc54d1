import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    Numeric,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Command, Database, Statement, constant, only
from adapters.postgres.tables import jobs
from adapters.postgres.types import choice, half_vector, json, record, records, texts, wrapped
from domain.conversations import Step
from domain.errors import EditConflict, Invalid, Unavailable
from domain.jobs import JobStatus
from domain.workspaces import Assistant, Handle, Tone

_STEPS = (Step(id="1", tool="list", args={"deep": [{"a": None}]}, offset=3, status="ok", output=[1, 2.5, "ž😀"]),)
_PID = Statement(select(func.pg_backend_pid().label("pid")), only)
_LOCK = Command(select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger()))))


def given(type_: TypeEngine[Any]) -> Statement[Any]:
    """Gives back what it is given."""
    return Statement(select(bindparam("value", type_=type_).label("value")), only)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (choice(Tone), Tone.CASUAL),
        (choice(Tone), None),
        (wrapped(Handle), Handle("harbour-studio")),
        (texts(), ("a", "", 'ž"{},')),
        (texts(), ()),
        (json(), {"deep": [{"a": None}], "text": "ž😀\n", "number": 12345678901234567, "share": 0.1}),
        (json(), None),
        (record(Assistant), Assistant(suggested_questions=("Why?",), model=None)),
        (record(dict[str, bytes]), {"api_token": b"\x00sealed\xff"}),
        (records(Step), _STEPS),
        (records(Step), ()),
        (half_vector(3), (1.0, -0.5, 0.25)),
        (Numeric(), Decimal("120.00")),
        (Uuid(), UUID(int=2**127)),
        (DateTime(timezone=True), datetime(2026, 3, 2, 9, 30, 1, 123456, tzinfo=UTC)),
    ],
)
async def test_a_value_comes_back_as_it_went_in(database: Database, type_: TypeEngine[Any], value: object) -> None:
    found = await database.one(given(type_), value=value)
    assert found == value
    assert type(found) is type(value)


async def test_a_decimal_keeps_its_zeros(database: Database) -> None:
    assert str(await database.one(given(Numeric()), value=Decimal("120.00"))) == "120.00"


async def test_times_come_back_in_utc(database: Database) -> None:
    there = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=5)))
    found: datetime | None = await database.one(given(DateTime(timezone=True)), value=there)
    assert found is not None
    assert (found, found.utcoffset()) == (there, timedelta(0))


async def test_a_vector_is_compared_by_the_database(database: Database) -> None:
    query = text("select :one <-> :other as distance")
    places = query.bindparams(bindparam("one", type_=half_vector(2)), bindparam("other", type_=half_vector(2)))
    statement = Statement(places.columns(distance=Numeric()), only)
    assert await database.one(statement, one=(0.0, 0.0), other=(3.0, 4.0)) == 5


async def test_a_list_goes_in_as_an_array(database: Database) -> None:
    among = bindparam("one", type_=Integer()) == any_(bindparam("all", type_=ARRAY(Integer())))
    statement = Statement(select(among.label("among")), only)
    assert await database.one(statement, one=2, all=[1, 2]) is True
    assert await database.one(statement, one=2, all=[]) is False


@pytest.mark.parametrize("values", [{}, {"value": 1, "valu": 2}, {"valu": 1}])
async def test_parameters_are_wanted_by_their_exact_names(database: Database, values: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="value"):
        await database.one(given(Integer()), **values)


def test_a_dataclass_with_other_fields_than_the_columns_is_refused_when_the_statement_is_made() -> None:
    @dataclass
    class Narrow:
        id: UUID

    with pytest.raises(TypeError, match="type"):
        Statement(select(jobs.c.id, jobs.c.type), Narrow)


def test_a_constant_is_in_the_sql_where_a_partial_index_needs_it() -> None:
    queued = Statement(select(jobs.c.id).where(jobs.c.status == constant(JobStatus.QUEUED)), only)
    assert b"jobs.status = 'queued'" in queued.sql


@pytest.mark.parametrize("unfit", ["a\x00b", "\ud800"])
async def test_text_that_cannot_be_stored_is_invalid(database: Database, unfit: str) -> None:
    with pytest.raises(Invalid):
        await database.one(given(Text()), value=unfit)
    with pytest.raises(Invalid):
        await database.one(given(json()), value={"text": unfit})


async def test_a_number_that_cannot_be_stored_is_invalid(database: Database) -> None:
    with pytest.raises(Invalid):
        await database.one(given(Integer()), value=2**31)


async def test_a_value_of_a_closed_set_that_we_do_not_know_is_never_taken_for_one_we_do(database: Database) -> None:
    statement = Statement(select(bindparam("value", type_=Text()).cast(choice(JobStatus)).label("value")), only)
    with pytest.raises(ValueError, match="asleep"):
        await database.one(statement, value="asleep")


async def test_a_transaction_is_over_after_its_commit(database: Database) -> None:
    async with database.transaction() as transaction:
        await transaction.commit()
        with pytest.raises(RuntimeError, match="committed"):
            await transaction.one(_PID)


async def test_the_connection_of_a_committed_transaction_is_free_at_once(database_url: str) -> None:
    async with open_pool(database_url, 1, wait=20) as pool:
        database = Database(pool)
        async with database.transaction() as transaction:
            first = await transaction.one(_PID)
            await transaction.commit()
            assert await database.one(_PID) == first


async def test_nobody_waits_long_for_a_connection(database_url: str) -> None:
    async with open_pool(database_url, 1, wait=0.05) as pool:
        await pool.wait(20)
        async with pool.connection():
            with pytest.raises(Unavailable):
                await Database(pool).one(_PID)
            with pytest.raises(Unavailable):
                async with Database(pool).transaction():
                    raise AssertionError


async def test_a_lost_connection_is_unavailable_once_and_then_replaced(database: Database, database_url: str) -> None:
    terminate = Command(select(func.pg_terminate_backend(bindparam("pid", type_=Integer()))))
    async with open_pool(database_url, 1) as pool:
        unlucky = Database(pool)
        await database.run(terminate, pid=await unlucky.one(_PID))
        with pytest.raises(Unavailable):
            await unlucky.one(_PID)
        assert await unlucky.one(_PID)


async def test_of_two_transactions_that_wait_for_each_other_one_gets_the_conflict(database: Database) -> None:
    both = asyncio.Barrier(2)

    async def lock(first: int, second: int) -> bool:
        try:
            async with database.transaction() as transaction:
                await transaction.run(_LOCK, key=first)
                await both.wait()
                await transaction.run(_LOCK, key=second)
        except EditConflict:
            return False
        return True

    assert sorted(await asyncio.gather(lock(71_001, 71_002), lock(71_002, 71_001))) == [False, True]


async def test_statements_are_prepared_on_the_server_unless_that_is_switched_off(database_url: str) -> None:
    counting = Statement(
        text("select count(*) as prepared from pg_prepared_statements").columns(prepared=Integer()), only
    )
    for prepared in (True, False):
        async with open_pool(database_url, 1, prepared=prepared) as pool:
            assert await Database(pool).one(counting) == prepared


@pytest.mark.parametrize("prepared", [True, False])
async def test_a_session_is_in_utc_and_waits_for_nothing_for_ever(database_url: str, prepared: bool) -> None:
    settings = ("timezone", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    async with open_pool(database_url, 1, prepared=prepared) as pool, pool.connection() as connection:
        rows = [await (await connection.execute(f"show {name}".encode())).fetchone() for name in settings]
    assert rows == [("UTC",), ("30s",), ("10s",), ("30s",)]


async def test_a_pooler_is_sent_no_startup_options(database_url: str) -> None:
    async with open_pool(database_url, 1, prepared=False) as pool, pool.connection() as connection:
        assert "options" not in connection.info.get_parameters()


async def test_any_number_of_statements_stays_prepared(database_url: str) -> None:
    counting = Statement(
        text("select count(*) as prepared from pg_prepared_statements").columns(prepared=Integer()), only
    )
    async with open_pool(database_url, 1) as pool:
        for number in range(120):
            await Database(pool).one(Statement(text(f"select {number} as number").columns(number=Integer()), only))
        assert await Database(pool).one(counting) == 121


async def test_what_is_built_while_others_work_waits_for_them_and_leaves_the_session_as_it_was(
    empty_database_url: str,
) -> None:
    async with (
        open_pool(empty_database_url, 1) as pool,
        await psycopg.AsyncConnection.connect(empty_database_url) as older,
        await psycopg.AsyncConnection.connect(empty_database_url, autocommit=True) as watching,
    ):
        database = Database(pool)
        await database.maintain("create table things (id integer)")
        await database.run(Command(text("set lock_timeout = '50ms'")))
        await older.execute("set transaction isolation level repeatable read")
        await older.execute("select count(*) from things")

        building = asyncio.create_task(database.maintain("create index concurrently of_things on things (id)"))
        async with asyncio.timeout(20):
            # Ends as well were the building to give up.
            while not building.done() and not await _waits_longer(watching):  # noqa: ASYNC110 (PostgreSQL tells nobody)
                await asyncio.sleep(0.01)
        await older.commit()
        await building

        found = await watching.execute("select indisvalid from pg_index where indexrelid = 'of_things'::regclass")
        assert await found.fetchone() == (True,)
        assert [await database.one(_setting(name)) for name in ("lock_timeout", "statement_timeout")] == ["50ms", "30s"]


async def _waits_longer(watching: psycopg.AsyncConnection[Any]) -> bool:
    """Whether somebody here has waited for a lock four times as long as one may in general."""
    found = await watching.execute(
        """
        select true from pg_locks join pg_stat_activity using (pid)
        where datname = current_database() and not granted and waitstart < clock_timestamp() - interval '200ms'
        """
    )
    return await found.fetchone() is not None


def _setting(name: str) -> Statement[str]:
    return Statement(select(func.current_setting(literal(name)).label("setting")), only)
