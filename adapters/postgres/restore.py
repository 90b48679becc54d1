import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import psycopg
from alembic import command
from psycopg.sql import SQL, Composable, Identifier

from adapters.postgres.archive import Archive, fill
from adapters.postgres.migrate import check_vector, configuration, connect
from adapters.postgres.refusals import told
from adapters.postgres.tools import fitting
from adapters.postgres.versions import unknown
from domain.errors import Conflict, Unavailable

_OTHERS = """
select distinct coalesce(nullif(application_name, ''), 'a program without a name')
  || coalesce(' on ' || host(client_addr), '') as who
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
  and coalesce(backend_type, 'client backend') = 'client backend'
order by who
"""
# What extensions have made stays. A view comes before those that it reads.
_RELATIONS = """
select o.relname from pg_class o
where o.relnamespace = 'public'::regnamespace and translate(o.relkind::text, 'p', 'r') = %s and not o.relispartition
  and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = o.oid and deptype = 'e')
order by o.oid desc
"""
_ROUTINES = """
select o.oid::regprocedure::text from pg_proc o
where o.pronamespace = 'public'::regnamespace
  and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = o.oid and deptype = 'e')
"""
_TYPES = """
select o.typname from pg_type o
where o.typnamespace = 'public'::regnamespace and o.typtype in ('e', 'd')
  and not exists (select from pg_depend where classid = 'pg_type'::regclass and objid = o.oid and deptype = 'e')
"""
_KINDS = {"v": SQL("view"), "m": SQL("materialized view"), "r": SQL("table"), "S": SQL("sequence")}
_OURS = frozenset({"alembic_version", "workspaces"})


class Restoration:
    """One transaction that puts a dump in the place of what a database holds; only `commit` makes it so.

    `folders` have PostgreSQL's programs in them; others are found as a shell finds them. They need no connection.

    Raises:
        Unavailable: the server does not answer.
    """

    def __init__(self, url: str, folders: Sequence[Path]) -> None:
        self._folders = folders
        with told():
            self._connection = connect(url, time.monotonic())
            self._raw = cast("psycopg.Connection[Any]", self._connection.connection.driver_connection)

    def load(self, archive: Archive, *, force: bool) -> None:
        """The database holds what the dump does, in the newest schema, as this transaction sees it.

        Raises:
            Conflict: the dump is of a newer schema; others are connected to the database; it holds data and `force` is
                not given; or what it holds is no Flightdeck's.
            Unavailable: there is no fitting `pg_restore` or no pgvector, or the server refuses a statement.
        """
        with told():
            self._admit(archive.contents.schema, force=force)
            program = fitting("pg_restore", self._folders, archive.contents.program)
            self._empty()
            self._execute("create extension if not exists vector")
            fill(self._raw, program, archive)
            self._execute("reset all")
            self._compare(archive.contents.rows)
            command.upgrade(configuration(self._connection), "head")
            self._execute("analyze")

    def commit(self) -> None:
        """Others see it now, and it stays."""
        with told():
            self._connection.commit()

    def interrupt(self) -> None:
        """Ends the statement that another thread runs here, so that `load` raises and nothing has changed."""
        self._raw.cancel()

    def close(self) -> None:
        """What was not committed has never been."""
        self._connection.close()

    def _admit(self, schema: Iterable[str], *, force: bool) -> None:
        if newer := unknown(schema):
            raise Conflict(
                f"The backup is of a newer Flightdeck (schema {', '.join(newer)}). Restore it with that one."
            )
        check_vector(self._connection)
        self._execute("set local statement_timeout = 0")
        self._execute("set local idle_in_transaction_session_timeout = 0")
        self._execute("set local lock_timeout = '5s'")
        if others := self._names(_OTHERS):
            raise Conflict(f"The database is in use by {' and '.join(others)}. Stop that first, then restore again.")
        self._replaceable(set(self._names(_RELATIONS, "r")), force=force)

    def _replaceable(self, tables: set[str], *, force: bool) -> None:
        if tables and not tables >= _OURS:
            raise Conflict("The database holds tables of another program. Restore into a database of its own.")
        if not force and any(self._count(table) for table in tables - {"alembic_version"}):
            raise Conflict("The database holds data. With --force all of it is replaced by the backup.")

    def _empty(self) -> None:
        for kind, word in _KINDS.items():
            if names := self._names(_RELATIONS, kind):  # in one statement, as tables refer to each other
                self._drop(word, SQL(", ").join(SQL("public.{}").format(Identifier(name)) for name in names))
        for signature in self._names(_ROUTINES):
            self._drop(SQL("routine"), SQL(signature))  # pyright: ignore[reportArgumentType] (quoted by PostgreSQL)
        for name in self._names(_TYPES):
            self._drop(SQL("type"), SQL("public.{}").format(Identifier(name)))

    def _drop(self, kind: SQL, what: Composable) -> None:
        self._raw.execute(SQL("drop {} {}").format(kind, what))

    def _compare(self, rows: Mapping[str, int]) -> None:
        found = {table: self._count(table) for table in self._names(_RELATIONS, "r")}
        if wrong := sorted(table for table in {**rows, **found} if rows.get(table) != found.get(table)):
            raise Unavailable(f"What was restored is not what was backed up: {', '.join(wrong)}.")

    def _count(self, table: str) -> int:
        counted = self._raw.execute(SQL("select count(*) from public.{}").format(Identifier(table))).fetchone()
        return counted[0] if counted else 0

    def _names(self, statement: str, *values: object) -> list[str]:
        return [name for (name,) in self._raw.execute(statement.encode(), values or None)]

    def _execute(self, statement: str) -> None:
        self._raw.execute(statement.encode())
