import asyncio
from argparse import Namespace

from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import running
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(_arguments: Namespace) -> int:
    """Puts the demo business into the owner's workspace, and says where it is."""
    settings = with_secret_key(configured())
    configure(settings)
    print(asyncio.run(_seed(settings)))
    return 0


async def _seed(given: Settings) -> str:
    async with with_servers(given) as settings:
        await bring_up_to_date(settings)
        async with running(settings) as container:
            owner, workspace = await container.identity().ensure_owner()(settings.owner_email, "Owner")
            await container.identity().seed_demo()(owner, workspace)
            seeded = await container.workspaces().read_workspace()(owner, workspace.id)
    return f"The demo business is the workspace '{seeded.handle}'."
