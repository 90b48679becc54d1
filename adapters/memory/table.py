"""Rows in memory, kept as a database would: by key, unique where that is said, locked while they change."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar, cast

from domain.activity import Event
from domain.errors import Conflict, DomainError, EditConflict, NotFound

Row = TypeVar("Row")
Row_contra = TypeVar("Row_contra", contravariant=True)


class Versioned(Protocol):
    """A row that counts its changes."""

    @property
    def version(self) -> int:
        """How often it was stored."""
        ...


VersionedRow = TypeVar("VersionedRow", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Unique(Generic[Row_contra]):
    """A named constraint: no two rows have one key. A row whose key is None is not bound, as in a partial index."""

    name: str
    key: Callable[[Row_contra], Hashable | None]
    error: Callable[[], DomainError]


@dataclass(frozen=True, slots=True)
class Reference(Generic[Row_contra]):
    """A foreign key: the row with this key is in the other table. A row whose key is None is not bound."""

    table: "Table[Any]"
    key: Callable[[Row_contra], Hashable | None]


class Table(Generic[Row]):
    """Committed rows by their primary key."""

    def __init__(self, name: str, key: Callable[[Row], Hashable], *constraints: Unique[Row] | Reference[Row]) -> None:
        self.name = name
        self.key = key
        self.uniques = [each for each in constraints if isinstance(each, Unique)]
        self.references = [each for each in constraints if isinstance(each, Reference)]
        self.rows: dict[Hashable, Row] = {}


class Locks:
    """Names, each held by one holder at a time. A holder is the event that is set when it lets go of all its names."""

    def __init__(self) -> None:
        self._holders: dict[Hashable, asyncio.Event] = {}
        self._waiting: dict[asyncio.Event, asyncio.Event] = {}

    def free(self, name: Hashable) -> bool:
        """Whether nobody holds it."""
        return name not in self._holders

    async def take(self, name: Hashable, holder: asyncio.Event) -> None:
        """Waits until the name is free, and holds it.

        Raises:
            EditConflict: everybody would wait for ever, each for the next.
        """
        while (other := self._holders.get(name, holder)) is not holder:
            self._refuse_deadlock(holder, other)
            self._waiting[holder] = other
            try:
                await other.wait()
            finally:
                del self._waiting[holder]
        self._holders[name] = holder

    def release(self, holder: asyncio.Event) -> None:
        """All that the holder held is free."""
        self._holders = {name: other for name, other in self._holders.items() if other is not holder}
        holder.set()

    def _refuse_deadlock(self, holder: asyncio.Event, other: asyncio.Event | None) -> None:
        while other is not None:
            if other is holder:
                raise EditConflict
            other = self._waiting.get(other)


class Transaction:
    """What one unit of work changes: visible to itself at once, and to others when it is applied.

    Whatever others have applied is visible to it, too. The rows it changes, and the unique keys these take and leave,
    stay locked until it ends, so that the second of two writers waits, and then meets what the first has done.

    Attributes:
        events: what happened, in order.
        unexplained: whether a change was made that needs an event.
    """

    def __init__(self, locks: Locks) -> None:
        self.events: list[Event] = []
        self.unexplained = False
        self._locks = locks
        self._ended = asyncio.Event()
        self._changes: dict[Table[Any], dict[Hashable, Any]] = {}
        self._held: dict[Table[Any], dict[Hashable, None]] = {}

    def explain(self, because: Event | None) -> None:
        """A change was made because of this, or of another event of the unit."""
        self.unexplained = True
        if because is not None:
            self.events.append(because)

    def get(self, table: Table[Row], key: Hashable) -> Row | None:
        """The row with the key."""
        changes = self._changes.get(table, {})
        return cast("Row | None", changes[key]) if key in changes else table.rows.get(key)

    def all(self, table: Table[Row]) -> list[Row]:
        """Every row."""
        merged = {**table.rows, **self._changes.get(table, {})}
        return [row for row in merged.values() if row is not None]

    def changed(self, table: Table[Row]) -> list[Row]:
        """The rows that it has written, as they are now."""
        return [row for row in self._changes.get(table, {}).values() if row is not None]

    def held(self, table: Table[Row]) -> list[Row]:
        """The rows that it has locked or written, as they are now."""
        rows = (self.get(table, key) for key in self._held.get(table, {}))
        return [row for row in rows if row is not None]

    async def lock(self, *name: Hashable) -> None:
        """Nobody else gets past a lock with this name until the unit ends."""
        await self._locks.take(name, self._ended)

    async def locked(self, table: Table[Row], key: Hashable) -> Row | None:
        """The row with the key as it is now, which nobody else changes until the unit ends."""
        await self.lock(table.name, key)
        self._held.setdefault(table, {})[key] = None
        return self.get(table, key)

    async def insert(self, table: Table[Row], row: Row) -> None:
        """Stores a new row.

        Raises:
            Conflict: its primary key is taken.
            NotFound: what it refers to is not there.
            DomainError: that of a `Unique` whose key is taken.
        """
        if await self.locked(table, table.key(row)) is not None:
            raise Conflict
        for reference in table.references:
            parent = reference.key(row)
            if parent is not None and self.get(reference.table, parent) is None:
                raise NotFound
        await self.put(table, row)

    async def update(self, table: Table[Row], row: Row) -> None:
        """Replaces the row; nothing when it is not there any more."""
        if await self.locked(table, table.key(row)) is not None:
            await self.put(table, row)

    async def replace(self, table: Table[VersionedRow], row: VersionedRow) -> VersionedRow:
        """Replaces the version that was read by the next one, which is returned.

        Raises:
            EditConflict: another version is stored, or none.
        """
        current = await self.locked(table, table.key(row))
        if current is None or current.version != row.version:
            raise EditConflict
        raised = cast("VersionedRow", replace(cast("Any", row), version=row.version + 1))
        await self.put(table, raised)
        return raised

    async def put(self, table: Table[Row], row: Row) -> None:
        """Stores the row, be it new or not.

        Raises:
            DomainError: that of a `Unique` whose key is taken.
        """
        key = table.key(row)
        before = await self.locked(table, key)
        for unique in table.uniques:
            await self._keep_unique(table, unique, before, row)
        self._changes.setdefault(table, {})[key] = row

    async def discard(self, table: Table[VersionedRow], row: VersionedRow) -> None:
        """Removes the version that was read.

        Raises:
            EditConflict: another version is stored, or none.
        """
        key = table.key(row)
        current = await self.locked(table, key)
        if current is None or current.version != row.version:
            raise EditConflict
        await self.remove(table, key)

    async def remove(self, table: Table[Row], key: Hashable) -> None:
        """The row is gone."""
        await self.lock(table.name, key)
        self._changes.setdefault(table, {})[key] = None

    def apply(self) -> None:
        """Its changes are true for everybody."""
        for table, changes in self._changes.items():
            for key, row in changes.items():
                if row is None:
                    table.rows.pop(key, None)
                else:
                    table.rows[key] = row

    def end(self) -> None:
        """Lets go of its locks; what was not applied is forgotten."""
        self._changes = {}
        self._locks.release(self._ended)

    async def _keep_unique(self, table: Table[Row], unique: Unique[Row], before: Row | None, row: Row) -> None:
        taken = unique.key(row)
        left = None if before is None else unique.key(before)
        if taken == left:
            return
        for name in (left, taken):
            if name is not None:
                await self.lock(table.name, unique.name, name)
        key = table.key(row)
        others = (other for other in self.all(table) if table.key(other) != key)
        if taken is not None and any(unique.key(other) == taken for other in others):
            raise unique.error()
