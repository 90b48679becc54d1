import time

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from adapters.postgres.versions import JOIN, SCRIPTS, heads, reason, vector_fault
from domain.errors import Unavailable

_VECTOR = text("select coalesce(installed_version, default_version) from pg_available_extensions where name = 'vector'")
_PAUSE = 0.2  # seconds between two tries to reach the server


def migrate(url: str, wait_seconds: float = 0) -> None:
    """Brings the schema to the newest version, waiting up to `wait_seconds` for the server to answer.

    Others that migrate at the same time wait for each other. All or nothing is done.

    Raises:
        Unavailable: the server does not answer, has no pgvector or one too old, or there are several newest versions.
    """
    if len(heads()) > 1:
        raise Unavailable(f"There are several newest migrations: {', '.join(heads())}. {JOIN}")
    with connect(url, time.monotonic() + wait_seconds) as connection:
        check_vector(connection)
        connection.rollback()
        command.upgrade(configuration(connection), "head")


def check_vector(connection: Connection) -> None:
    """Nothing, when the server has pgvector and it is new enough.

    Raises:
        Unavailable: what to do about it.
    """
    fault = _fault(connection.execute(_VECTOR).scalar())
    if fault:
        raise Unavailable(fault)


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's, on a connection of ours; the same folder as its own commands read from pyproject.toml."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _fault(version: str | None) -> str | None:
    if version is None:
        return "The database server has no pgvector. Install its extension 'vector' there."
    return vector_fault(version)


def connect(url: str, deadline: float) -> Connection:
    """A connection to the server, which is tried for until `deadline` (of `time.monotonic`).

    Raises:
        Unavailable: it does not answer; says why.
    """
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args={"connect_timeout": 5}
    )
    while True:
        try:
            return engine.connect()
        except OperationalError as error:
            if time.monotonic() >= deadline:
                raise Unavailable(f"The database does not answer: {reason(error.orig or error)}") from None
            time.sleep(_PAUSE)
