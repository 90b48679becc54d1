import asyncio
from argparse import Namespace

from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.cli.first_start import OWNER_TOKEN
from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import running
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(_arguments: Namespace) -> int:
    """Gives the owner a new token and prints it; the one they had opens nothing any more."""
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
    return token.reveal()
