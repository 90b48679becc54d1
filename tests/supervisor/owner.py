"""An owner as `flightdeck up` is one: the servers, an api and a worker, until a signal.

Prints the servers' addresses as JSON, then a line for each of the two that is up. The api notes in the database that
it was asked to stop; a stubborn worker does not listen to that. Arguments: home, `orderly` or `stubborn`, and the
patience in seconds with the lock and the worker.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from entrypoints.supervisor.embedded import EmbeddedServers
from entrypoints.supervisor.errors import CannotStart
from entrypoints.supervisor.leash import Child
from entrypoints.supervisor.supervise import run, supervise

_API = """
import os, psycopg, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("create table if not exists stops (at timestamptz not null default now())")
    print("api is up", flush=True)
    signal.sigwait({signal.SIGTERM})
    connection.execute("insert into stops default values")
"""
_WORKER = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[2] == "stubborn" else signal.SIG_DFL)
print("worker is up", flush=True)
while True:
    signal.pause()
"""


async def main(hurry: asyncio.Event) -> int:
    home, manner, patience = sys.argv[1], sys.argv[2], float(sys.argv[3])
    servers = EmbeddedServers(Path(home), durable=False, patience=patience)
    async with servers as urls:
        sys.stdout.write(json.dumps({"database": urls.database, "redis": urls.redis}) + "\n")
        sys.stdout.flush()
        env = {**os.environ, "DATABASE_URL": urls.database}
        api = Child(name="api", command=(sys.executable, "-c", _API, home), env=env)
        worker = Child(name="worker", command=(sys.executable, "-c", _WORKER, home, manner), patience=patience)
        return await supervise([api, worker], hurry=hurry, lock=servers.lock)


if __name__ == "__main__":
    try:
        sys.exit(run(main))
    except CannotStart as error:
        sys.exit(str(error))
