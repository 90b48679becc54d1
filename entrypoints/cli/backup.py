import asyncio
from argparse import Namespace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from domain.errors import Conflict
from entrypoints.cli.backup_file import FORMAT, Manifest, written
from entrypoints.cli.configuration import configured, needs_servers, running_servers, with_servers
from entrypoints.container.backups import Contents, box, dumping
from entrypoints.container.blob_stores import outside_the_database
from entrypoints.logs import configure
from entrypoints.settings import Settings
from entrypoints.supervisor.binaries import postgres_folders
from entrypoints.supervisor.errors import CannotStart

SECRET_KEY = "secret-key"  # noqa: S105 (a name)
"""The name of the file in the home that holds the secret key, where no setting does."""
PURPOSE = "backup"
"""What the text in a manifest is sealed for."""
_TEXT = b"flightdeck"


def run(arguments: Namespace) -> int:
    """Writes the database as it is at this moment into one file, whatever runs meanwhile."""
    settings = configured()
    configure(settings)
    key = present_key(settings)
    if arguments.with_key and key is None:
        raise Conflict("There is no secret key to put into the backup: neither SECRET_KEY nor a file in the home.")
    contents = asyncio.run(_backup(settings, arguments.file, key, arguments))
    print(f"{told(contents)} in {arguments.file}, {'with' if arguments.with_key else 'without'} the secret key.")
    if place := outside_the_database(settings):
        print(f"What is in files is not in it: now back up {place} as well.")
    return 0


def present_key(settings: Settings) -> str | None:
    """The secret key of the settings, or of the home; None when there is none, and none is made.

    Raises:
        CannotStart: it cannot be read.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    file = settings.flightdeck_home / SECRET_KEY
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"Cannot read {file}: {error}.") from error


def told(contents: Contents) -> str:
    """How much it is, for a person."""
    return f"{sum(contents.rows.values())} rows of {len(contents.rows)} tables"


async def _backup(given: Settings, file: Path, key: str | None, arguments: Namespace) -> Contents:
    _has_database(given)
    with written(file, force=arguments.force) as backup:
        async with with_servers(given) as settings, dumping(str(settings.database_url), postgres_folders()) as dump:
            async for chunk in dump.chunks:
                backup.write(chunk)
        backup.finish(_manifest(dump.contents, key), key if arguments.with_key else None)
    return dump.contents


def _has_database(settings: Settings) -> None:
    home = settings.flightdeck_home
    if needs_servers(settings) and running_servers(home) is None and not (home / "postgres").exists():
        raise CannotStart(f"There is nothing to back up in {home.absolute()}. Set FLIGHTDECK_HOME, or DATABASE_URL.")


def _manifest(contents: Contents, key: str | None) -> Manifest:
    return Manifest(
        format=FORMAT,
        flightdeck=version("flightdeck"),
        created_at=datetime.now(UTC),
        contents=contents,
        seal=None if key is None else box(key).seal(_TEXT, purpose=PURPOSE).hex(),
    )
