"""How values of ours lie in columns of PostgreSQL; adapted here and nowhere else."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

import msgspec
from pgvector.sqlalchemy import HALFVEC
from psycopg.types.json import Jsonb
from sqlalchemy import LargeBinary, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

Value = TypeVar("Value")


class Coded(TypeDecorator[Any]):
    """The type of a column whose values are others than those psycopg takes and gives; NULL is always None.

    SQLAlchemy only writes the SQL of it: `Statement` encodes what goes in and decodes what comes out.
    """

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok = True

    def __init__(
        self,
        stored: TypeEngine[Any],
        decode: Callable[[Any], object] | None = None,
        encode: Callable[[Any], object] | None = None,
    ) -> None:
        super().__init__()
        self.impl = stored
        self.decode = decode
        self.encode = encode


def choice(values: type[StrEnum]) -> Coded:
    """One of a closed set, as text."""
    known = {each.value: each for each in values}  # looked up in a fifth of the time that the class takes
    return Coded(Text(), decode=lambda value: known.get(value) or values(value))


def choices(values: type[StrEnum]) -> Coded:
    """A tuple of some of a closed set, as texts."""
    return Coded(ARRAY(Text()), decode=lambda items: tuple(map(values, items)), encode=list)


def wrapped(of: Callable[[str], object]) -> Coded:
    """A value object made of a text, as that text."""
    return Coded(Text(), decode=of, encode=str)


def texts() -> Coded:
    """A tuple of texts."""
    return Coded(ARRAY(Text()), decode=tuple, encode=list)


def byte_strings() -> Coded:
    """A tuple of byte strings."""
    return Coded(ARRAY(LargeBinary()), decode=tuple, encode=list)


def json() -> Coded:
    """A JSON object, or a list in a column whose reader expects one."""
    return Coded(JSONB(), encode=_json)


def record(of: type[Value]) -> Coded:
    """A dataclass (or whatever else msgspec converts) as JSON."""
    return Coded(JSONB(), decode=partial(msgspec.convert, type=of), encode=_json)


def records(of: Callable[..., object]) -> Coded:
    """A tuple of flat dataclasses as a JSON list; their fields may hold any JSON."""
    return Coded(JSONB(), decode=lambda items: tuple(of(**item) for item in items), encode=_json)


def decimal() -> Coded:
    """An exact decimal, written without exponent, as a number."""
    return Coded(Numeric(), decode="{:f}".format, encode=Decimal)


def half_vector(dimensions: int) -> Coded:
    """A tuple of up to so many floats as a vector of pgvector in half precision, continued by zeros.

    It goes as text: the binary form needs the extension's type numbers from each new connection.
    """
    return Coded(_HalfVector(dimensions), decode=_from_vector, encode=partial(_to_vector, dimensions=dimensions))


def half_vectors(dimensions: int) -> Coded:
    """Such vectors, as texts to be cast one by one."""
    encode = partial(_to_vector, dimensions=dimensions)
    return Coded(ARRAY(Text()), encode=lambda values: list(map(encode, values)))


class _HalfVector(HALFVEC):
    render_bind_cast = True  # without it the operators of the extension do not know what they are given


def _json(value: object) -> Jsonb:
    return Jsonb(value, dumps=msgspec.json.encode)


def _to_vector(values: Sequence[float], dimensions: int = 0) -> str:
    zeros = ["0"] * (dimensions - len(values))
    return f"[{','.join([*map(repr, values), *zeros])}]"


def _from_vector(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.strip("[]").split(",")))
