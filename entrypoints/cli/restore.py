import asyncio
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress

from application.ports.secret_box import UnsealError
from domain.errors import Conflict
from entrypoints.cli.backup import PURPOSE, SECRET_KEY, present_key, told
from entrypoints.cli.backup_file import Backup, opened
from entrypoints.cli.configuration import configured, with_servers
from entrypoints.cli.first_start import keep_token
from entrypoints.container.backups import Restoration, box, forget_runs
from entrypoints.logs import configure
from entrypoints.settings import Settings
from entrypoints.supervisor.binaries import postgres_folders

_OTHER_KEY = (
    "The secrets in the backup were sealed with a secret key that {place} does not hold. Put it there first, or "
    "restore with --other-key: the secrets of connectors and webhooks are then to be entered again."
)
_STOP_PAUSE = 0.2  # seconds


def run(arguments: Namespace) -> int:
    """Puts a backup in the place of what the database holds, and brings it to this version's schema."""
    settings = configured()
    configure(settings)
    with opened(arguments.file) as backup:
        if not arguments.other_key:
            check_key(backup, settings)
        asyncio.run(_restore(settings, backup, force=arguments.force))
        _keep_key(backup, settings)
    made = f"{backup.manifest.created_at:%Y-%m-%d %H:%M} UTC by Flightdeck {backup.manifest.flightdeck}"
    print(f"Restored {told(backup.archive.contents)}, backed up at {made}.")
    return 0


def check_key(backup: Backup, settings: Settings) -> None:
    """Nothing, when the secret key that the restored instance will have opens what the backup's sealed.

    Raises:
        Conflict: it does not, or there is none.
    """
    # A key in the file takes the place of the one in the home; one that is set stays.
    key = settings.secret_key or backup.secret_key or present_key(settings)
    if backup.manifest.seal is None or (
        key is not None and _opens(key, settings.secret_key_previous, backup.manifest.seal)
    ):
        return
    place = "SECRET_KEY" if settings.secret_key else settings.flightdeck_home.absolute() / SECRET_KEY
    raise Conflict(_OTHER_KEY.format(place=place))


def _opens(key: str, previous: Sequence[str], seal: str) -> bool:
    try:
        box(key, previous).unseal(bytes.fromhex(seal), purpose=PURPOSE)
    except UnsealError:
        return False
    return True


def _keep_key(backup: Backup, settings: Settings) -> None:
    if backup.secret_key is not None and settings.secret_key is None and present_key(settings) != backup.secret_key:
        keep_token(settings.flightdeck_home / SECRET_KEY, backup.secret_key)


async def _restore(given: Settings, backup: Backup, *, force: bool) -> None:
    async with with_servers(given) as settings:
        restoration = await asyncio.to_thread(Restoration, str(settings.database_url), postgres_folders())
        try:
            await _loaded(restoration, backup, force=force)
            # Now, while the old data is still there: whoever is killed here has lost only what is rebuilt from it.
            await asyncio.to_thread(forget_runs, str(settings.redis_url))
            await asyncio.to_thread(restoration.commit)
        finally:
            restoration.close()


async def _loaded(restoration: Restoration, backup: Backup, *, force: bool) -> None:
    loading = asyncio.ensure_future(asyncio.to_thread(restoration.load, backup.archive, force=force))
    try:
        await asyncio.shield(loading)
    except asyncio.CancelledError:
        while not loading.done():  # a thread cannot be cancelled, the statements that it runs can
            restoration.interrupt()
            await asyncio.wait({loading}, timeout=_STOP_PAUSE)
        with suppress(Exception):
            loading.result()
        raise
