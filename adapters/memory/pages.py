from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from domain.pages import Page, decode_cursor, page_of

Item = TypeVar("Item")
Place = tuple[str | int, ...]


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


CreatedItem = TypeVar("CreatedItem", bound=Created)


def newest_first(items: Iterable[CreatedItem], cursor: str | None, limit: int) -> Page[CreatedItem]:
    """The page behind `cursor`, by time of creation and id.

    Raises:
        InvalidCursor: the cursor is none of such a list.
    """
    ordered = sorted(items, key=created, reverse=True)
    if cursor is not None:
        behind = decode_cursor(cursor, moment, UUID)
        ordered = [item for item in ordered if created(item) < behind]
    return page_of(ordered[: limit + 1], limit, lambda item: (item.created_at.isoformat(), str(item.id)))


def created(item: Created) -> tuple[datetime, UUID]:
    """The sort key that lets older come first."""
    return item.created_at, item.id


def in_order(
    items: Iterable[Item], place: Callable[[Item], Place], cursor: str | None, limit: int, *types: type[str | int]
) -> Page[Item]:
    """The page behind `cursor`, by `place`, whose parts are of `types`.

    Raises:
        InvalidCursor: the cursor is none of such a list.
    """
    ordered = sorted(items, key=place)
    if cursor is not None:
        behind = decode_cursor(cursor, *types)
        ordered = [item for item in ordered if place(item) > behind]
    return page_of(ordered[: limit + 1], limit, place)


def moment(value: str) -> datetime:
    """The point in time that a cursor names.

    Raises:
        ValueError: it names none.
    """
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found
