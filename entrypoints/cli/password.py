import asyncio
from argparse import Namespace

from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import running
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(arguments: Namespace) -> int:
    """Prints a link by which a user sets their password, once and within 48 hours.

    With `--remove-second-factor` it asks for no code, for one who has lost their app and their recovery codes.
    """
    settings = with_secret_key(configured())
    configure(settings)
    print(asyncio.run(_link(settings, arguments.email, remove_second_factor=arguments.remove_second_factor)))
    return 0


async def _link(given: Settings, email: str, *, remove_second_factor: bool) -> str:
    async with with_servers(given) as settings:
        await bring_up_to_date(settings)
        async with running(settings) as container:
            give = container.sign_in().give_recovery_link()
            path = await give(email, remove_second_factor=remove_second_factor)
    return f"{given.base_url}{path}"
