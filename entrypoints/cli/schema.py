import asyncio
import logging
import time
from argparse import Namespace

from entrypoints.container import manual, migrate, pending
from entrypoints.settings import Settings
from entrypoints.supervisor.errors import CannotStart

WAIT_SECONDS = 60.0
_PAUSE = 0.5  # seconds
_OLD = "The database's schema is not up to date. Run 'flightdeck migrate'."
_LOG = logging.getLogger(__name__)


def run(_arguments: Namespace) -> int:
    """Prints the tables, with what each is for, as Markdown; no server is asked."""
    print(manual(), end="")
    return 0


async def bring_up_to_date(settings: Settings, *, patience: float = WAIT_SECONDS) -> None:
    """The schema is the newest: brought there (`DB_AUTO_MIGRATE`), or waited for, `patience` seconds.

    Raises:
        CannotStart: it is older, and nobody has migrated it meanwhile.
        Unavailable: the database does not answer, or cannot be migrated.
    """
    url = str(settings.database_url)
    if not await asyncio.to_thread(pending, url):
        return
    if settings.db_auto_migrate:
        await asyncio.to_thread(migrate, url)
        return
    _LOG.warning("%s Waiting %g s for that.", _OLD, patience)
    deadline = time.monotonic() + patience
    while await asyncio.to_thread(pending, url):
        if time.monotonic() > deadline:
            raise CannotStart(_OLD)
        await asyncio.sleep(_PAUSE)
