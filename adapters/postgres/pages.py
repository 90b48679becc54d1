from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, tuple_

from domain.pages import Page, decode_cursor, page_of


class Created(Protocol):
    """Anything that knows when it began."""

    @property
    def id(self) -> UUID:
        """Tells apart what began at once."""
        ...

    @property
    def created_at(self) -> datetime:
        """When it began."""
        ...


Item = TypeVar("Item", bound=Created)


def newest_first(construct: Select[*tuple[Any, ...]], table: Table, *, behind: bool) -> Select[*tuple[Any, ...]]:
    """The `most` newest rows of `construct`; with `behind`, of those behind the place of `at` and `id`."""
    columns = (table.c.created_at, table.c.id)
    if behind:
        construct = construct.where(tuple_(*columns) < tuple_(bindparam("at"), bindparam("id")))
    return construct.order_by(*(column.desc() for column in columns)).limit(bindparam("most"))


def place(cursor: str | None, limit: int) -> dict[str, Any]:
    """What a statement made by `newest_first` wants, with one row more than the page holds.

    Raises:
        InvalidCursor: the cursor is none of such a list.
    """
    if cursor is None:
        return {"most": limit + 1}
    at, identifier = decode_cursor(cursor, _moment, UUID)
    return {"most": limit + 1, "at": at, "id": identifier}


def page_of_newest(items: Sequence[Item], limit: int) -> Page[Item]:
    """The page made of what such a statement found."""
    return page_of(items, limit, lambda item: (item.created_at.isoformat(), str(item.id)))


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment
