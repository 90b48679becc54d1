import asyncio
from argparse import Namespace

from entrypoints.cli.configuration import configured, with_servers
from entrypoints.container import migrate
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(arguments: Namespace) -> int:
    """Brings the schema up to date; two at once wait for each other."""
    settings = configured()
    configure(settings)
    asyncio.run(_migrate(settings, arguments.wait))
    print("The database's schema is up to date.")
    return 0


async def _migrate(given: Settings, wait: float) -> None:
    async with with_servers(given) as settings:
        await asyncio.to_thread(migrate, str(settings.database_url), wait)
