import asyncio
from argparse import Namespace
from pathlib import Path

from entrypoints.cli.configuration import NO_SERVERS, configured, embedded_servers
from entrypoints.settings import SettingsError
from entrypoints.supervisor.binaries import available
from entrypoints.supervisor.supervise import run as run_until_signalled


def run(_arguments: Namespace) -> int:
    """Runs the embedded servers alone, and prints the two addresses as they go into the environment, until Ctrl-C."""
    settings = configured()
    if not available():
        raise SettingsError(NO_SERVERS)
    return run_until_signalled(lambda _hurry: _serve(settings.flightdeck_home))


async def _serve(home: Path) -> int:
    async with embedded_servers(home) as (_, urls):
        print(f"DATABASE_URL='{urls.database}'\nREDIS_URL='{urls.redis}'", flush=True)
        await asyncio.Event().wait()
        return 0
