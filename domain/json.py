"""Values as JSON, as they are stored and told."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import cast
from uuid import UUID

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


def json_of(value: object) -> JsonValue:
    """`value` as JSON: ids as text, times in UTC as RFC 3339 with `Z`, dates as ISO 8601, sequences as lists.

    Raises:
        TypeError: it is of another kind.
    """
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case str() | int() | float() | None:
            return value
        case tuple() | list():
            return [json_of(item) for item in cast("tuple[object, ...]", value)]
        case Mapping():
            return {str(name): json_of(item) for name, item in cast("Mapping[object, object]", value).items()}
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON.")
