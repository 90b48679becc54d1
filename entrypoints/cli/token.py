import asyncio
from argparse import Namespace

from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.cli.first_start import OWNER_TOKEN, keep_token
from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import running
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(_arguments: Namespace) -> int:
    """Gives the owner a new token, prints it and puts it into its file; the one before opens nothing any more."""
    settings = with_secret_key(configured())
    configure(settings)
    print(asyncio.run(_issue(settings)))
    return 0


async def _issue(given: Settings) -> str:
    async with with_servers(given) as settings:
        await bring_up_to_date(settings)
        async with running(settings) as container:
            owner, workspace = await container.identity().ensure_owner()(settings.owner_email, "Owner")
            token = await container.identity().issue_owner_key()(owner, workspace.id, OWNER_TOKEN, alone=True)
    file = settings.flightdeck_home / OWNER_TOKEN
    if file.exists():
        keep_token(file, token.reveal())
    return token.reveal()
