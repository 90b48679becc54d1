import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from domain.errors import Unavailable

_SCRIPTS = Path(__file__).parents[2] / "migrations"
_VECTOR = text("select count(*) from pg_available_extensions where name = 'vector'")
_PAUSE = 0.2  # seconds between two tries to reach the server


def migrate(url: str, wait_seconds: float = 0) -> None:
    """Brings the schema to the newest version, waiting up to `wait_seconds` for the server to answer.

    Others that migrate at the same time wait for each other. All or nothing is done.

    Raises:
        Unavailable: the server does not answer, or has no pgvector.
    """
    with _connect(url, time.monotonic() + wait_seconds) as connection:
        if not connection.execute(_VECTOR).scalar():
            raise Unavailable("The database server has no pgvector. Install its extension 'vector' there.")
        connection.rollback()
        command.upgrade(configuration(connection), "head")


def heads() -> tuple[str, ...]:
    """The newest versions known to this program: one, unless two branches have not been joined."""
    return tuple(_scripts().get_heads())


def current(url: str) -> tuple[str, ...]:
    """The versions that the database is at; none when it is empty.

    Raises:
        Unavailable: the server does not answer.
    """
    with _connect(url, time.monotonic()) as connection:
        return tuple(MigrationContext.configure(connection).get_current_heads())


def pending(url: str) -> bool:
    """Whether the database lacks a version known to this program; one that a newer program has migrated does not.

    Raises:
        Unavailable: the server does not answer.
    """
    scripts = _scripts()
    known = {script.revision for script in scripts.walk_revisions()}
    found = current(url)
    return not found or (set(found) <= known and set(found) != set(scripts.get_heads()))


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's, on a connection of ours; the same folder as its own commands read from pyproject.toml."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())


def _connect(url: str, deadline: float) -> Connection:
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args={"connect_timeout": 5}
    )
    while True:
        try:
            return engine.connect()
        except OperationalError as error:
            if time.monotonic() >= deadline:
                raise Unavailable("The database does not answer.") from error
            time.sleep(_PAUSE)
