import asyncio
import time

from entrypoints.container import migrate, pending
from entrypoints.settings import Settings
from entrypoints.supervisor.errors import CannotStart

WAIT_SECONDS = 60.0


async def bring_up_to_date(settings: Settings) -> None:
    """The schema is the newest: brought there (`DB_AUTO_MIGRATE`), or waited for.

    Raises:
        CannotStart: it is older, and nobody has migrated it within a minute.
    """
    if settings.db_auto_migrate:
        await asyncio.to_thread(migrate, str(settings.database_url), WAIT_SECONDS)
        return
    deadline = time.monotonic() + WAIT_SECONDS
    while await asyncio.to_thread(pending, str(settings.database_url)):
        if time.monotonic() > deadline:
            raise CannotStart("The database's schema is not up to date. Run 'flightdeck migrate'.")
        await asyncio.sleep(1)
