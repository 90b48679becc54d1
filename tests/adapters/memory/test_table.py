import asyncio
from dataclasses import dataclass, replace

import pytest

from adapters.memory.table import Locks, Reference, Table, Transaction, Unique
from domain.errors import Conflict, EditConflict, NotFound


@dataclass(frozen=True)
class Sock:
    id: int
    colour: str | None = None
    drawer: int | None = None
    version: int = 1


class ColourTaken(Conflict):
    code = "colour_taken"


def drawers() -> Table[int]:
    return Table("drawers", lambda drawer: drawer)


def socks(in_drawers: Table[int] | None = None) -> Table[Sock]:
    return Table(
        "socks",
        lambda sock: sock.id,
        Unique("socks_colour", lambda sock: sock.colour, ColourTaken),
        Reference(in_drawers or drawers(), lambda sock: sock.drawer),
    )


async def stored(table: Table[Sock], *rows: Sock) -> None:
    transaction = Transaction(Locks())
    for row in rows:
        await transaction.insert(table, row)
    transaction.apply()
    transaction.end()


async def test_rows_are_seen_by_others_when_they_are_applied() -> None:
    table, locks = socks(), Locks()
    one, other = Transaction(locks), Transaction(locks)
    await one.insert(table, Sock(1))
    assert (one.get(table, 1), other.get(table, 1)) == (Sock(1), None)
    one.apply()
    assert (other.get(table, 1), other.all(table), one.changed(table)) == (Sock(1), [Sock(1)], [Sock(1)])


async def test_a_primary_key_is_taken_once() -> None:
    table = socks()
    await stored(table, Sock(1))
    with pytest.raises(Conflict):
        await Transaction(Locks()).insert(table, Sock(1))


async def test_a_unique_key_is_taken_once_and_none_any_number_of_times() -> None:
    table = socks()
    await stored(table, Sock(1, "red"), Sock(2), Sock(3))
    transaction = Transaction(Locks())
    with pytest.raises(ColourTaken):
        await transaction.insert(table, Sock(4, "red"))
    with pytest.raises(ColourTaken):
        await transaction.replace(table, Sock(2, "red"))
    await transaction.remove(table, 1)
    assert await transaction.replace(table, Sock(2, "red")) == Sock(2, "red", version=2)


async def test_what_a_row_refers_to_must_be_there() -> None:
    in_drawers = drawers()
    table, transaction = socks(in_drawers), Transaction(Locks())
    with pytest.raises(NotFound):
        await transaction.insert(table, Sock(1, drawer=7))
    await transaction.insert(in_drawers, 7)
    await transaction.insert(table, Sock(1, drawer=7))


async def test_an_update_of_a_row_that_is_gone_changes_nothing() -> None:
    table, transaction = socks(), Transaction(Locks())
    await transaction.update(table, Sock(1))
    assert transaction.all(table) == []


async def test_only_the_version_that_was_read_is_discarded() -> None:
    table, transaction = socks(), Transaction(Locks())
    await stored(table, Sock(1, version=2))
    with pytest.raises(EditConflict):
        await transaction.discard(table, Sock(1))
    await transaction.discard(table, Sock(1, version=2))
    with pytest.raises(EditConflict):
        await transaction.discard(table, Sock(1, version=2))
    assert transaction.all(table) == []


async def test_who_would_take_a_key_waits_for_whoever_is_taking_it_and_then_meets_what_was_done() -> None:
    table, locks = socks(), Locks()
    one, other = Transaction(locks), Transaction(locks)
    await one.insert(table, Sock(1, "red"))
    waiting = asyncio.create_task(other.insert(table, Sock(2, "red")))
    await asyncio.sleep(0)
    assert not waiting.done()
    one.apply()
    one.end()
    with pytest.raises(ColourTaken):
        await waiting


async def test_who_would_take_a_key_may_when_the_other_gave_up() -> None:
    table, locks = socks(), Locks()
    one, other = Transaction(locks), Transaction(locks)
    await one.insert(table, Sock(1, "red"))
    waiting = asyncio.create_task(other.insert(table, Sock(2, "red")))
    await asyncio.sleep(0)
    one.end()
    await waiting
    other.apply()
    assert list(table.rows.values()) == [Sock(2, "red")]


async def test_two_who_would_wait_for_each_other_for_ever_are_told_so() -> None:
    table, locks = socks(), Locks()
    await stored(table, Sock(1), Sock(2))
    one, other = Transaction(locks), Transaction(locks)
    await one.locked(table, 1)
    await other.locked(table, 2)
    waiting = asyncio.create_task(one.lock(table.name, 2))
    await asyncio.sleep(0)
    with pytest.raises(EditConflict):
        await other.locked(table, 1)
    other.end()
    await waiting
    assert await one.locked(table, 2) == Sock(2)


async def test_a_waiter_that_is_cancelled_leaves_no_trace() -> None:
    table, locks = socks(), Locks()
    await stored(table, Sock(1), Sock(2))
    one, other = Transaction(locks), Transaction(locks)
    await one.locked(table, 1)
    waiting = asyncio.create_task(other.lock(table.name, 1))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    one.end()
    assert await other.replace(table, replace(Sock(1), colour="red")) == Sock(1, "red", version=2)
