"""The schema as a page to read (Markdown), from the metadata alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    make_url,
)
from sqlalchemy.schema import CreateIndex

from adapters.postgres.tables import REASONS, TENANTLESS, metadata

_DIALECT = make_url("postgresql+psycopg://").get_dialect()()


def manual() -> str:
    """All tables in the order of their names: what each is for, its columns, its constraints, its indexes."""
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    return "\n".join(["# Tables", *(line for table in tables for line in _of(table))]) + "\n"


def _of(table: Table) -> Iterator[str]:
    yield from ("", f"## {table.name}", "", *_reasons(table))
    yield from ("| Column | Type | |", "|---|---|---|", *map(_column, table.c))
    constraints = sorted(table.constraints, key=lambda each: (each is not table.primary_key, str(each.name)))
    yield from _list("Constraints", [f"`{each.name}`: {_rule(each)}" for each in constraints])
    indexes = sorted(table.indexes, key=lambda each: str(each.name))
    yield from _list("Indexes", [f"`{each.name}`: {_keys(each)}" for each in indexes])


def _reasons(table: Table) -> Iterator[str]:
    for reason in filter(None, (REASONS.get(table.name), _tenantless(TENANTLESS, table))):
        yield from (reason, "")


def _tenantless(reasons: Mapping[str, str], table: Table) -> str | None:
    return f"Has no workspace: {reasons[table.name]}." if table.name in reasons else None


def _column(column: Column[Any]) -> str:
    kind = column.type.compile(dialect=_DIALECT).lower()
    notes = ["may be null"] if column.nullable else []
    notes += ["numbered by the database"] if column.identity is not None else []
    return f"| {column.name} | {kind} | {', '.join(notes)} |"


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"{title}:", "", *(f"- {line}" for line in lines))


def _rule(constraint: Constraint) -> str:
    if isinstance(constraint, CheckConstraint):
        return f"`{constraint.sqltext}`"
    if isinstance(constraint, ForeignKeyConstraint):
        target = ", ".join(element.target_fullname for element in constraint.elements)
        gone = f", on delete {constraint.ondelete.lower()}" if constraint.ondelete else ""
        return f"({', '.join(constraint.column_keys)}) refers to {target}{gone}"
    if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
        kind = "primary key" if isinstance(constraint, PrimaryKeyConstraint) else "unique"
        return f"{kind} ({', '.join(column.name for column in constraint.columns)})"
    raise TypeError(f"Nobody has said how to tell {type(constraint)}.")


def _keys(index: Index) -> str:
    created = " ".join(str(CreateIndex(index).compile(dialect=_DIALECT)).split())
    _, _, keys = created.partition(" ON ")
    return f"{'unique, ' if index.unique else ''}`{keys.partition(' ')[2]}`"
