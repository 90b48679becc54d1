import asyncio
from argparse import Namespace

from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import running
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(arguments: Namespace) -> int:
    """Has the user with an e-mail look after this instance, or not any more."""
    settings = with_secret_key(configured())
    configure(settings)
    granted = arguments.action == "grant"
    asyncio.run(_change(settings, arguments.email, granted=granted))
    print(f"{arguments.email} looks after this instance{'' if granted else ' no more'}.")
    return 0


async def _change(given: Settings, email: str, *, granted: bool) -> None:
    async with with_servers(given) as settings:
        await bring_up_to_date(settings)
        async with running(settings) as container:
            await container.instance().grant_administration()(email, granted=granted)
