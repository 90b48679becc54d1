import asyncio
import time
from argparse import Namespace

from domain.errors import Unavailable
from entrypoints.cli.configuration import configured, with_servers
from entrypoints.container import migrate, pending
from entrypoints.logs import configure
from entrypoints.settings import Settings

_PAUSE = 0.2  # seconds


def run(arguments: Namespace) -> int:
    """Brings the schema up to date; two at once wait for each other."""
    settings = configured()
    configure(settings)
    asyncio.run(_migrate(settings, arguments.wait))
    print("The database's schema is up to date.")
    return 0


async def _migrate(given: Settings, wait: float) -> None:
    async with with_servers(given) as settings:
        url = str(settings.database_url)
        await _answering(url, time.monotonic() + wait)
        await asyncio.to_thread(migrate, url)


async def _answering(url: str, deadline: float) -> None:
    # Not inside `migrate`: a thread that waits cannot be interrupted by Ctrl-C.
    while True:
        try:
            await asyncio.to_thread(pending, url)
        except Unavailable:
            if time.monotonic() >= deadline:
                raise
            await asyncio.sleep(_PAUSE)
        else:
            return
