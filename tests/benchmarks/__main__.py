"""`python -m tests.benchmarks [group,…]`: measures, and prints a table for each group."""

import argparse
import asyncio
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from adapters.postgres.migrate import migrate
from entrypoints.supervisor.embedded import EmbeddedServers
from tests.benchmarks.groups import GROUPS
from tests.benchmarks.scale import FULL
from tests.benchmarks.stage import staged
from tests.benchmarks.table import table

MOST_FILES = 20_000


async def _measure(names: list[str]) -> None:
    for name in names:
        with tempfile.TemporaryDirectory(prefix="flightdeck-bench-") as made:
            folder, began = Path(made), time.monotonic()
            async with EmbeddedServers(folder / "servers") as urls:
                await asyncio.to_thread(migrate, urls.database)
                async with staged(FULL, urls.database, urls.redis, folder) as stage:
                    rows = await GROUPS[name].measure(stage)
        print(f"\n{name}: {GROUPS[name].NOTE}\n\n{table(rows)}\n\n({time.monotonic() - began:.0f} s)", flush=True)  # noqa: T201


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure ours beside a floor.")
    parser.add_argument("only", nargs="?", default=",".join(GROUPS), help="groups, with commas (default: %(default)s)")
    names: list[str] = parser.parse_args().only.split(",")
    if unknown := set(names) - set(GROUPS):
        parser.error(f"there is no group {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, _leave)  # so that what is open is closed
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(MOST_FILES, hard), hard))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; load {os.getloadavg()[0]:.2f} at the start")  # noqa: T201
    asyncio.run(_measure(names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
