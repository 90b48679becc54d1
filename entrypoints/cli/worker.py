import asyncio
import os
import signal
import socket
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress

import uvloop

from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.cli.schema import bring_up_to_date
from entrypoints.container import Container, job_runner, running
from entrypoints.logs import configure
from entrypoints.settings import Settings
from entrypoints.worker.metrics import served

Prepare = Callable[[Container], object]


def run(_arguments: Namespace, prepare: Prepare = bool) -> int:
    """Runs jobs until SIGINT or SIGTERM; those still running after `WORKER_GRACE` are put back.

    `prepare` may change what the container holds before they run.
    """
    settings = with_secret_key(configured())
    configure(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, suppress(asyncio.CancelledError):
        runner.run(_work(settings, prepare))
    return 0


async def _work(given: Settings, prepare: Prepare) -> None:
    work = asyncio.current_task()
    assert work is not None  # noqa: S101 (we are in one)
    _on_signals(work.cancel)
    async with with_servers(given) as settings:
        await bring_up_to_date(settings)
        async with running(settings) as container:
            prepare(container)
            stop = asyncio.Event()
            _on_signals(stop.set)
            runner = job_runner(container, settings, f"{socket.gethostname()}-{os.getpid()}")
            with served(container.ports.model_metrics(), settings.host, settings.worker_metrics_port):
                await runner.run(stop)


def _on_signals(stop: Callable[[], object]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
