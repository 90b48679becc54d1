import asyncio
import sys
from argparse import Namespace

from application.secrets.rotate_secrets import Rotation
from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.container import running
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(_arguments: Namespace) -> int:
    """Seals all stored secrets with SECRET_KEY; 1 when there are some that no key opens."""
    settings = with_secret_key(configured())
    configure(settings)
    done = asyncio.run(_rotate(settings))
    print(f"{done.renewed} secrets were sealed anew with SECRET_KEY; {done.current} were sealed with it already.")
    if done.lost:
        print(f"flightdeck: {done.lost} secrets cannot be opened with any of the keys.", file=sys.stderr)
        return 1
    if settings.secret_key_previous:
        print("Nothing stored needs SECRET_KEY_PREVIOUS any more: drop it once every process runs with SECRET_KEY.")
    return 0


async def _rotate(given: Settings) -> Rotation:
    async with with_servers(given) as settings, running(settings) as container:
        return await container.secrets().rotate_secrets()()
