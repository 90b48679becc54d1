"""How values of ours lie in columns of PostgreSQL; adapted here and nowhere else."""

import struct
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

import msgspec
from pgvector.sqlalchemy import HALFVEC
from psycopg import adapters
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.json import Jsonb
from sqlalchemy import LargeBinary, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

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
    """A tuple of up to so many floats as a vector of pgvector in half precision, continued by zeros."""
    return Coded(_HalfVector(dimensions), decode=_from_vector, encode=partial(_binary, dimensions=dimensions))


def half_vectors(dimensions: int) -> Coded:
    """Such vectors, as texts to be cast one by one: for a list of them in binary form, the type's number is needed."""
    encode = partial(_textual, dimensions=dimensions)
    return Coded(ARRAY(Text()), encode=lambda values: list(map(encode, values)))


class _HalfVector(HALFVEC):
    render_bind_cast = True  # without it the operators of the extension do not know what they are given


def _json(value: object) -> Jsonb:
    return Jsonb(value, dumps=msgspec.json.encode)


class _Binary(bytes):
    """A value in PostgreSQL's own binary form; of which type, the statement says."""


class _BinaryDumper(Dumper):
    format = Format.BINARY

    @override
    def dump(self, obj: _Binary) -> bytes:
        return obj


adapters.register_dumper(_Binary, _BinaryDumper)


def _binary(values: Sequence[float], dimensions: int) -> _Binary:
    # As `halfvec_recv` of pgvector reads it. As text it takes ten times as long, at both ends.
    zeros = bytes(2 * (dimensions - len(values)))
    return _Binary(struct.pack(f">HH{len(values)}e", dimensions, 0, *values) + zeros)


def _textual(values: Sequence[float], dimensions: int) -> str:
    zeros = ["0"] * (dimensions - len(values))
    return f"[{','.join([*map(repr, values), *zeros])}]"


def _from_vector(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.strip("[]").split(",")))
