import asyncio
from argparse import Namespace

from entrypoints.cli.configuration import NO_SERVERS, configured, embedded_servers
from entrypoints.supervisor.binaries import available
from entrypoints.supervisor.errors import CannotStart
from entrypoints.supervisor.supervise import run as run_until_signalled


def run(_arguments: Namespace) -> int:
    """Runs the embedded servers alone, and prints the two addresses as they go into the environment, until Ctrl-C."""
    settings = configured()
    if not available():
        raise CannotStart(NO_SERVERS)

    async def main(_hurry: asyncio.Event) -> int:
        async with embedded_servers(settings.flightdeck_home) as (_, urls):
            print(f"DATABASE_URL='{urls.database}'\nREDIS_URL='{urls.redis}'", flush=True)
            await asyncio.Event().wait()
            return 0

    return run_until_signalled(main)
