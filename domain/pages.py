"""Pages of a list, and the cursors between them."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.errors import Fault, Invalid

Item = TypeVar("Item")


class InvalidCursor(Invalid):
    """The cursor is none that this list gave."""

    code = "invalid_cursor"

    def __init__(self) -> None:
        super().__init__(Fault("/cursor", "invalid_cursor", "The cursor is none that this list gave."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """Some items of a list, and where the next ones begin; None at the end, except where a list can grow there."""

    items: Sequence[Item]
    next_cursor: str | None


def encode_cursor(*key: str | int) -> str:
    """A cursor, opaque to clients, for the place right behind the item with this sort key."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *types: Callable[[str], object]) -> tuple[object, ...]:
    """The sort key, each part made by one of `types` from its text.

    Raises:
        InvalidCursor: the text is no cursor, or one of another list.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(key, list):
            raise InvalidCursor
        return tuple(make(str(part)) for make, part in zip(types, key, strict=True))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    except (ValueError, binascii.Error, RecursionError) as error:
        raise InvalidCursor from error


def page_of(items: Sequence[Item], limit: int, key: Callable[[Item], Sequence[str | int]]) -> Page[Item]:
    """The page made of up to `limit + 1` items that were read: the extra one shows that there are more."""
    more = len(items) > limit
    kept = items[:limit]
    return Page(items=kept, next_cursor=encode_cursor(*key(kept[-1])) if more else None)
