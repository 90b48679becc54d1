"""Which versions of the schema there are, and which of them a database has; Alembic is not needed to see that."""

import re
from ast import literal_eval
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg

from domain.errors import Unavailable

SCRIPTS = Path(__file__).parents[2] / "migrations"
OLDEST_VECTOR = (0, 8, 4)
"""The first pgvector in which no vacuum breaks an HNSW index, by its change log."""
JOIN = "Join them with 'alembic merge heads'."
"""What to do about several newest versions."""

_NAMES = re.compile(r"^(revision|down_revision) = (.+)$", re.MULTILINE)
_PATIENCE = 5  # seconds for one connection


def heads() -> tuple[str, ...]:
    """The newest versions known to this program: one, unless two branches have not been joined."""
    known = _known()
    parents = {parent for those in known.values() for parent in those}
    return tuple(sorted(known.keys() - parents))


def current(url: str) -> tuple[str, ...]:
    """The versions that the database is at; none when it is empty.

    Raises:
        Unavailable: the server does not answer; says why.
    """
    try:
        with psycopg.connect(url, connect_timeout=_PATIENCE) as connection:
            return tuple(version for (version,) in connection.execute("select version_num from alembic_version"))
    except psycopg.errors.UndefinedTable:
        return ()
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {reason(error)}") from None


def pending(url: str) -> bool:
    """Whether the database lacks a version known to this program; one that a newer program has migrated does not.

    Raises:
        Unavailable: the server does not answer; says why.
    """
    found = set(current(url))
    return not found or (found <= _known().keys() and found != set(heads()))


def unknown(versions: Iterable[str]) -> tuple[str, ...]:
    """Those of the versions that only a newer program knows."""
    return tuple(sorted(set(versions) - _known().keys()))


def vector_fault(version: str) -> str | None:
    """What to do about pgvector of this version, or None when it is new enough."""
    if tuple(int(part) for part in re.findall(r"\d+", version)) >= OLDEST_VECTOR:
        return None
    needed = ".".join(map(str, OLDEST_VECTOR))
    return (
        f"pgvector {version} is too old, {needed} or newer is needed. "
        "Install that on the database's server, then run there: alter extension vector update."
    )


def reason(error: Exception) -> str:
    """Why libpq could not connect, in one sentence; it tells hosts and users, and no password."""
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines if line), type(error).__name__).rstrip(".") + "."


def _known() -> Mapping[str, tuple[str, ...]]:
    """The parents of each version."""
    return dict(_read(script.read_text(encoding="utf-8")) for script in (SCRIPTS / "versions").glob("*.py"))


def _read(script: str) -> tuple[str, tuple[str, ...]]:
    names = {name: literal_eval(value) for name, value in _NAMES.findall(script)}
    parents: str | tuple[str, ...] | None = names["down_revision"]
    return names["revision"], (parents,) if isinstance(parents, str) else tuple(parents or ())
