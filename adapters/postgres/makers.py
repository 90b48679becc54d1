"""What makes rows into objects, written out as Python: filling and unpacking a dict for each takes twice as long."""

from collections.abc import Callable, Mapping
from keyword import iskeyword
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")
Made_co = TypeVar("Made_co", covariant=True)
Decoders = Mapping[str, Callable[[Any], object]]


class Maker(Generic[Made_co]):
    """Makes an object of named columns.

    Attributes:
        make: what is called.
        arguments: the column that each argument is, or what makes it of several.
        optional: whether there is no object where all its columns are NULL.
    """

    def __init__(
        self, make: Callable[..., Made_co], arguments: "Mapping[str, str | Maker[Any]]", *, optional: bool = False
    ) -> None:
        self.make = make
        self.arguments = arguments
        self.optional = optional
        self._wanted = set(self.columns)
        self._of_columns = _compiled(self, {name: f"row[{name!r}]" for name in self.columns}, {})

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns it wants, also those its arguments are made of."""
        given = self.arguments.values()
        return tuple(name for each in given for name in (each.columns if isinstance(each, Maker) else (each,)))

    def __call__(self, **columns: Any) -> Made_co:
        """The object of these columns, as their decoders left them.

        Raises:
            TypeError: it wants others.
        """
        self._check(columns)
        return self._of_columns(columns)

    def of_rows(self, columns: Mapping[str, int], decoders: Decoders) -> Callable[[Any], Made_co]:
        """What makes the object of a row in which `columns` stand at these places and want to be decoded.

        Raises:
            TypeError: it wants others.
        """
        self._check(columns)
        return _compiled(self, {name: f"row[{place}]" for name, place in columns.items()}, decoders)

    def _check(self, columns: Mapping[str, object]) -> None:
        if set(columns) != self._wanted:
            raise TypeError(f"{self.make} wants other columns than {sorted(columns)}")


def _compiled(maker: Maker[Made], values: Mapping[str, str], decoders: Decoders) -> Callable[[Any], Made]:
    names: dict[str, Any] = {}
    source = _call(maker, values, decoders, names)
    compiled: Callable[[Any], Made] = eval(f"lambda row: {source}", names)  # noqa: S307 (of our own names alone)
    return compiled


def _call(maker: Maker[Any], values: Mapping[str, str], decoders: Decoders, names: dict[str, Any]) -> str:
    """The source of the call; what it refers to is added to `names`."""
    arguments = [
        _argument(name, _call(given, values, decoders, names))
        if isinstance(given, Maker)
        else _argument(name, _decoded(values[given], decoders.get(given), names))
        for name, given in maker.arguments.items()
    ]
    call = f"{_named(maker.make, names)}({', '.join(arguments)})"
    if not maker.optional:
        return call
    absent = " and ".join(f"{values[name]} is None" for name in maker.columns)
    return f"(None if {absent} else {call})"


def _argument(name: str, value: str) -> str:
    return f"{name}={value}" if name.isidentifier() and not iskeyword(name) else f"**{{{name!r}: {value}}}"


def _decoded(value: str, decode: Callable[[Any], object] | None, names: dict[str, Any]) -> str:
    return value if decode is None else f"(None if {value} is None else {_named(decode, names)}({value}))"


def _named(value: object, names: dict[str, Any]) -> str:
    name = f"_{len(names)}"
    names[name] = value
    return name
