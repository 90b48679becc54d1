"""Columns as most tables have them."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, ForeignKeyConstraint, Integer, Uuid
from sqlalchemy.types import TypeEngine

from adapters.postgres.types import choice


def identifier() -> Column[Any]:
    """The primary key of an entity."""
    return Column("id", Uuid(), primary_key=True)


def required(name: str, type_: TypeEngine[Any]) -> Column[Any]:
    """A column that always has a value."""
    return Column(name, type_, nullable=False)


def optional(name: str, type_: TypeEngine[Any]) -> Column[Any]:
    """A column that may be NULL."""
    return Column(name, type_, nullable=True)


def moment(name: str) -> Column[Any]:
    """A point in time."""
    return required(name, DateTime(timezone=True))


def optional_moment(name: str) -> Column[Any]:
    """A point in time that may not have come."""
    return optional(name, DateTime(timezone=True))


def one_of(name: str, values: type[StrEnum], *, nullable: bool = False) -> tuple[Column[Any], CheckConstraint]:
    """One of a closed set."""
    among = ", ".join(f"'{value}'" for value in values)
    return Column(name, choice(values), nullable=nullable), CheckConstraint(f"{name} IN ({among})", name=name)


def number(name: str, *, least: int = 0) -> tuple[Column[Any], CheckConstraint]:
    """A whole number, not below `least`."""
    return required(name, Integer()), CheckConstraint(f'"{name}" >= {least}', name=name)


def workspace() -> Column[Any]:
    """The tenant, with which the row goes."""
    return Column("workspace_id", Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False)


def conversation(*, nullable: bool = False) -> tuple[Column[Any], ForeignKeyConstraint]:
    """The conversation, of the same tenant, with which the row goes."""
    reference = ForeignKeyConstraint(
        ["conversation_id", "workspace_id"], ["conversations.id", "conversations.workspace_id"], ondelete="CASCADE"
    )
    return Column("conversation_id", Uuid(), nullable=nullable), reference
