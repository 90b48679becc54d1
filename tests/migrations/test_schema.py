"""What holds for every table."""

import re
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.errors import RestrictViolation
from sqlalchemy import CheckConstraint, Connection, Constraint, DateTime, Table, UniqueConstraint, text
from sqlalchemy.exc import IntegrityError

from adapters.postgres.errors import CONSTRAINTS
from adapters.postgres.tables import REASONS, TENANTLESS, metadata, workspaces
from domain.errors import Invalid
from domain.workspaces import RESERVED_HANDLES, Handle

_TABLES = list(metadata.tables.values())
_EVENT = """
insert into activity
  (workspace_id, number, type, actor_type, actor_id, subject_type, subject_id, at, data)
values (:id, 1, 'workspace.edited', 'user', :id, 'workspace', :id, now(), '{}')
"""


_SEAL = """
insert into activity_seals (workspace_id, number, first, last, previous, digest, marks, sealed_at)
values (:id, 1, 1, 1, sha256('before'), sha256('now'), decode('0011223344556677', 'hex'), now())
"""


def named(table: Table) -> list[Constraint]:
    return [*table.constraints, *(each for column in table.c for each in column.constraints)]


def uniques() -> set[str]:
    constraints = {str(each.name) for table in _TABLES for each in named(table) if isinstance(each, UniqueConstraint)}
    return constraints | {str(index.name) for table in _TABLES for index in table.indexes if index.unique}


@pytest.mark.parametrize("table", _TABLES, ids=str)
def test_every_row_has_a_workspace_or_a_reason_to_have_none(table: Table) -> None:
    assert ("workspace_id" in table.c) != (table.name in TENANTLESS)


def test_the_reasons_are_of_tables_that_exist() -> None:
    assert TENANTLESS.keys() <= metadata.tables.keys()


def test_every_table_has_a_sentence_that_says_what_it_is_for() -> None:
    assert REASONS.keys() == metadata.tables.keys()


@pytest.mark.parametrize("table", _TABLES, ids=str)
def test_every_constraint_has_a_name_that_tells_its_table(table: Table) -> None:
    for each in named(table):
        assert re.match(f"(pk|uq|fk|ck)_{table.name}", str(each.name))


@pytest.mark.parametrize("table", _TABLES, ids=str)
def test_every_time_has_a_zone(table: Table) -> None:
    assert all(column.type.timezone for column in table.c if isinstance(column.type, DateTime))


def test_the_database_names_no_constraint_by_itself(migrated: Connection) -> None:
    names = migrated.execute(
        text("select conname from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'")
    ).scalars()
    assert [name for name in names if not re.match("(pk|uq|fk|ck)_", name) and "alembic" not in name] == []


def test_every_unique_constraint_says_what_breaking_it_means() -> None:
    internal = {"uq_conversations_id_workspace_id", "uq_jobs_number"}  # of ids, and of numbers the database gives
    assert uniques() - internal == {name for name in CONSTRAINTS if name.startswith("uq_")}


def test_every_meaning_is_of_a_constraint_that_exists() -> None:
    checks = {str(each.name) for table in _TABLES for each in named(table) if isinstance(each, CheckConstraint)}
    keys = {str(table.primary_key.name) for table in _TABLES}
    assert CONSTRAINTS.keys() <= uniques() | checks | keys


@pytest.mark.parametrize("table", ["activity", "activity_seals"])
@pytest.mark.parametrize("change", ["update {} set number = 2", "delete from {}", "truncate {}", "truncate {} cascade"])
def test_activity_and_its_seals_refuse_to_be_changed_or_removed(migrated: Connection, change: str, table: str) -> None:
    migrated.execute(text(_EVENT), {"id": uuid4()})
    migrated.execute(text(_SEAL), {"id": uuid4()})
    with pytest.raises(IntegrityError, match="append-only") as raised:
        migrated.execute(text(change.format(table)))
    assert isinstance(raised.value.orig, RestrictViolation)


_HANDLE_RULES = [
    str(each.sqltext)
    for each in workspaces.constraints
    if isinstance(each, CheckConstraint) and str(each.name).startswith("ck_workspaces_handle")
]
_TAKEN = text(f"select {' and '.join(_HANDLE_RULES)} from (select cast(:handle as text) as handle) as given")  # noqa: S608 (rules of ours)


def taken(connection: Connection, handle: str) -> bool:
    return bool(connection.execute(_TAKEN, {"handle": handle}).scalar_one())


def valid(handle: str) -> bool:
    try:
        Handle(handle)
    except Invalid:
        return False
    return True


@given(handle=st.text("ab9-Z_.ž \n", max_size=70) | st.from_regex("[a-z0-9-]{1,66}", fullmatch=True))
def test_the_table_and_the_value_object_agree_on_handles(migrated: Connection, handle: str) -> None:
    assert taken(migrated, handle) == valid(handle)


def test_the_table_and_the_value_object_agree_on_reserved_handles(migrated: Connection) -> None:
    assert len(_HANDLE_RULES) == 3
    assert not any(taken(migrated, handle) or valid(handle) for handle in RESERVED_HANDLES)
    assert taken(migrated, "harbour-studio")
