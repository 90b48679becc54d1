"""Many passages and their words, as arrays that a statement takes apart."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Integer, LargeBinary, Text, Uuid, bindparam
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import TypeEngine

from adapters.postgres.words import WordColumns
from domain.knowledge import Passage
from domain.knowledge.matching import Indexed
from domain.knowledge.terms import Stems, terms

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
Columns = Mapping[str, TypeEngine[Any]]
PIECES: Columns = {
    "id": Uuid(),
    "position": Integer(),
    "heading": Text(),
    "text": Text(),
    "start": Integer(),
    "end": Integer(),
}
"""What `pieces` gives."""
# Arrays of arrays cannot be ragged: the keys and counts of all passages come in a row, which a subquery reads once, and
# each says where its own begin and end.
WORDS: Columns = {"length": Integer(), "sequence": LargeBinary(), "first": Integer(), "last": Integer()}
"""What `words` gives, besides `KEYS` and `COUNTS`."""
KEYS = "(select cast(:keys as bigint[]))[first:last]"
COUNTS = "(select cast(:counts as smallint[]))[first:last]"


def unnested(columns: Columns) -> str:
    """The rows `g` of these columns, each of which is an array that is called by its name and an s."""
    arrays = (f"cast(:{name}s as {type_.compile(_DIALECT)}[])" for name, type_ in columns.items())
    return f"""unnest({", ".join(arrays)}) as g ({", ".join(f'"{name}"' for name in columns)})"""


def binds(columns: Columns) -> Sequence[BindParameter[Any]]:
    """What `unnested`, `KEYS` and `COUNTS` want, typed."""
    arrays = [bindparam(f"{name}s", type_=ARRAY(type_)) for name, type_ in columns.items()]
    return [*arrays, *(bindparam(name, type_=Text()) for name in ("keys", "counts"))]


def pieces(passages: Sequence[Passage]) -> dict[str, Any]:
    """What `PIECES` names, of these passages."""
    return {f"{name}s": [getattr(passage, name) for passage in passages] for name in PIECES}


def words(said: Iterable[tuple[bytes, str, str]], stems: Stems) -> dict[str, Any]:
    """What `WORDS` names, of passages that lie on this shelf and say this in this language; it takes its time."""
    found = [WordColumns.of(shelf, Indexed.of(terms(text, language, stems))) for shelf, text, language in said]
    lasts = list(accumulate(len(each.keys) for each in found))
    return {
        "lengths": [each.length for each in found],
        "sequences": [each.sequence for each in found],
        "firsts": [last - len(each.keys) + 1 for last, each in zip(lasts, found, strict=True)],
        "lasts": lasts,
        "keys": _array(key for each in found for key in each.keys),
        "counts": _array(count for each in found for count in each.counts),
    }


def _array(numbers: Iterable[int]) -> str:
    """As PostgreSQL reads it: psycopg would write out so many numbers where everybody waits."""
    return f"{{{','.join(map(str, numbers))}}}"
