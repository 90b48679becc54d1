import asyncio
import os
import signal
import socket
from argparse import Namespace

from entrypoints.cli.configuration import configured, with_servers
from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import job_runner, running
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(_arguments: Namespace) -> int:
    """Runs jobs until SIGINT or SIGTERM; those still running after `WORKER_GRACE` are put back."""
    settings = configured()
    configure(settings)
    asyncio.run(_work(settings))
    return 0


async def _work(given: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with with_servers(given) as settings:
        await bring_up_to_date(settings)
        async with running(settings) as container:
            name = f"{socket.gethostname()}-{os.getpid()}"
            await job_runner(container, settings, name).run(stop)
