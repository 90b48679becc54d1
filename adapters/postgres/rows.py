from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin

from sqlalchemy import Column, ColumnElement, Select, Table, and_, bindparam, delete, insert, select, update

from adapters.postgres.makers import Maker
from adapters.postgres.statements import Command, Statement

Entity = TypeVar("Entity")

_FIXED = frozenset({"id", "workspace_id", "conversation_id", "version", "created_at"})


class Mapped(Generic[Entity]):
    """How a dataclass lies in the rows of a table.

    A field is the column of its name; a field without one is itself a dataclass, and lies in one column for each of
    its fields. The table may have further columns, which the database fills.

    Attributes:
        make: makes the entity of `columns`.
        changing: the names of those that `changes` gives.

    Raises:
        TypeError: a field has no column.
    """

    def __init__(self, entity: type[Entity], table: Table) -> None:
        self.table = table
        (self._key, *_) = table.primary_key
        found = fields(cast("Any", entity))
        self._plain = [field.name for field in found if field.name in table.c]
        self._parts = {field.name: _part(field.name, field.type) for field in found if field.name not in table.c}
        names = [*self._plain, *(name for part in self._parts.values() for name in part.columns)]
        if missing := set(names) - set(table.c.keys()):
            raise TypeError(f"{table.name} lacks {sorted(missing)}")
        self.columns: tuple[Column[Any], ...] = tuple(table.c[name] for name in names)
        self.make: Maker[Entity] = Maker(entity, {**{name: name for name in self._plain}, **self._parts})
        self.changing = [name for name in names if name not in _FIXED]

    def values(self, entity: Entity) -> dict[str, Any]:
        """What the columns hold for the entity."""
        values = {name: getattr(entity, name) for name in self._plain}
        for name, part in self._parts.items():
            value = getattr(entity, name)
            values |= {str(column): getattr(value, inner, None) for inner, column in part.arguments.items()}
        return values

    def select(self) -> Select[*tuple[Any, ...]]:
        """All entities, to be narrowed."""
        return select(*self.columns)

    def by_id(self, *, lock: bool = False) -> Statement[Entity]:
        """Wants `id`, the primary key; locked until the transaction ends, but for those that only refer to it."""
        found = self.select().where(self._key == bindparam("id"))
        return Statement(found.with_for_update(key_share=True) if lock else found, self.make)

    def inserting(self) -> Command:
        """Wants the entity's `values`."""
        return Command(insert(self.table), columns=[column.name for column in self.columns])

    def replacing(self) -> Command:
        """Wants `key` and what `changes` gives; changes the row with this id, if there is one."""
        return Command(update(self.table).where(self._key == bindparam("key")), columns=self.changing)

    def replacing_version(self) -> Command:
        """As `replacing`, if the row has the `expected` version, which it raises."""
        construct = update(self.table).where(self._expected()).values(version=self.table.c.version + 1)
        return Command(construct, columns=self.changing)

    def removing_version(self) -> Command:
        """Wants `key`; removes the row with this id, if it has the `expected` version."""
        return Command(delete(self.table).where(self._expected()))

    def changes(self, entity: Entity) -> dict[str, Any]:
        """What the columns hold for the entity, without its version and those that never change."""
        values = self.values(entity)
        return {name: values[name] for name in self.changing}

    def _expected(self) -> ColumnElement[bool]:
        return and_(self._key == bindparam("key"), self.table.c.version == bindparam("expected"))


def _part(field: str, type_: object) -> Maker[Any]:
    """A field that lies in several columns, `<field>_<name>` each; all NULL means None where the field may be that."""
    arguments = get_args(type_) if get_origin(type_) in {Union, UnionType} else (type_,)
    (made,) = (argument for argument in arguments if argument is not NoneType)
    if not is_dataclass(made):
        raise TypeError(f"the field {field} has no column")
    columns = {inner.name: f"{field}_{inner.name}" for inner in fields(made)}
    return Maker(cast("Callable[..., object]", made), columns, optional=NoneType in arguments)
