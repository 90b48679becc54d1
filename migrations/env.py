"""How Alembic runs our migrations: by its own commands in the folder of pyproject.toml, or called by `flightdeck`."""

import os
from contextlib import nullcontext
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from pgvector.sqlalchemy import VECTOR
from sqlalchemy import ARRAY, Connection, NullPool, create_engine, make_url, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.tables import metadata
from adapters.postgres.types import Coded

_LOCK = 4_816_213_025  # any number that nothing else locks
_LOCK_TIMEOUT = "5s"


def run(connection: Connection) -> None:
    # Whoever restores a backup has a transaction already: what it changed and the migration are to be one.
    with nullcontext() if connection.in_transaction() else connection.begin():
        # Whoever else migrates waits here. A statement waits for the lock of a table in use no longer than the timeout:
        # behind it, every reader of the table would be waiting too.
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text(f"set local lock_timeout = '{_LOCK_TIMEOUT}'"))
        context.configure(connection=connection, target_metadata=metadata, render_item=render_item)
        context.run_migrations()


def render_item(kind: str, item: object, autogenerate: AutogenContext) -> str | Literal[False]:
    """Writes the type that a `Coded` column has in the database: a migration must not change with our code."""
    if kind != "type" or not isinstance(item, Coded):
        return False
    match item.impl:
        case JSONB():
            autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
            return "postgresql.JSONB()"
        case ARRAY():
            return "sa.ARRAY(sa.Text())"
        case VECTOR() as vector:
            autogenerate.imports.add("from pgvector.sqlalchemy import VECTOR")
            return f"VECTOR({vector.dim})"
        case _:
            return "sa.Text()"


def connect() -> Connection:
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise CommandError("Set DATABASE_URL, or run 'flightdeck migrate', which knows the embedded server.")
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool).connect()


if context.is_offline_mode():
    raise CommandError("Migrations run on a database; they are not printed.")
given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with connect() as own:
        run(own)
