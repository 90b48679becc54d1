"""PostgreSQL's own programs `pg_dump` and `pg_restore`: which of them fit, and how they are told where to connect."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from domain.errors import Unavailable

_INSTALL = "Install the client programs of PostgreSQL {least} (Debian, Ubuntu: postgresql-client-{least})."


def fitting(program: str, folders: Sequence[Path], least: int) -> Path:
    """The program of PostgreSQL `least` or newer: of one of the folders, or else the one that a shell would find.

    Raises:
        Unavailable: there is none, or only older ones; says what to install.
    """
    found = {path: major(path) for path in _candidates(program, folders)}
    for path, version in found.items():
        if version >= least:
            return path
    install = _INSTALL.format(least=least)
    if not found:
        raise Unavailable(f"There is no {program} to use here. {install}")
    raise Unavailable(f"{program} {least} or newer is needed, and here is {max(found.values())}. {install}")


def _candidates(program: str, folders: Sequence[Path]) -> Iterator[Path]:
    yield from (folder / program for folder in folders if (folder / program).is_file())
    if elsewhere := shutil.which(program):
        yield Path(elsewhere)


def major(program: Path) -> int:
    """The major version of PostgreSQL that a program belongs to; 0 when it does not run or does not say.

    It says so as `pg_dump (PostgreSQL) 18.4`.
    """
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 (PostgreSQL's)
    except OSError:
        return 0
    version = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(version[1]) if version else 0


def connecting(url: str, *, tls: bool) -> dict[str, str]:
    """The environment in which a program connects as `url` says: a password in it is on no command line.

    With `tls` it does not fall back to a connection without.
    """
    names = {option.keyword.decode(): option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar}
    given = conninfo_to_dict(url)
    own = {names[word]: str(value) for word, value in given.items() if word in names and value is not None}
    if tls and own.get("PGSSLMODE", "prefer") in {"disable", "allow", "prefer"}:
        own["PGSSLMODE"] = "require"
    return {**plain(), **{name: text for name, text in os.environ.items() if name.startswith("PG")}, **own}


def plain() -> Mapping[str, str]:
    """The environment of a program that needs nothing of ours; its complaints are in English, as our sentences are."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C"}


def last_line(complaint: bytes) -> str:
    """Why a program failed, of all that it wrote to stderr."""
    lines = [line.strip() for line in complaint.decode(errors="replace").splitlines() if line.strip()]
    said = [line for line in lines if "error:" in line or "FATAL" in line] or lines
    return said[0].rstrip(".") if said else "it said nothing"
