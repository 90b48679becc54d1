import asyncio

from psycopg.errors import UndefinedTable
from sqlalchemy import Text, func, select, text
from sqlalchemy.types import Integer
from typing_extensions import override

from adapters.postgres.statements import Database, Statement, only
from adapters.postgres.tables import workers
from adapters.postgres.versions import pending, vector_fault
from application.ports.health import Probe
from domain.errors import Unavailable

_VECTOR = Statement(
    text("select (select extversion from pg_extension where extname = 'vector') as version").columns(version=Text()),
    only,
)
_WORKERS = Statement(
    select(func.count(type_=Integer()).label("present")).where(
        workers.c.seen_at >= func.now() - text("interval '15 seconds'")
    ),
    only,
)
_NO_DATABASE = "The database does not answer. See that DATABASE_URL is right and that its server runs."
_NO_SCHEMA = "The database has not been migrated. Run 'flightdeck migrate'."
_NO_WORKER = "No worker is running, so that nobody replies. Start one with 'flightdeck worker'."


class DatabaseProbe(Probe):
    """Sees whether the database answers and has the schema that this program knows; names the version of pgvector."""

    def __init__(self, database: Database, url: str) -> None:
        self._database = database
        self._url = url
        self._migrated = False

    @override
    async def check(self) -> str | None:
        try:
            version: str | None = await self._database.one(_VECTOR)
            # Once migrated, it stays so.
            self._migrated = self._migrated or not await asyncio.to_thread(pending, self._url)
        except Unavailable as error:
            raise Unavailable(_NO_DATABASE) from error
        if not self._migrated:
            raise Unavailable(_NO_SCHEMA)
        fault = vector_fault(version) if version else None
        if fault:
            raise Unavailable(fault)
        return f"pgvector {version}" if version else None


class WorkerProbe(Probe):
    """Sees whether a worker was present within the last 15 seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def check(self) -> str | None:
        try:
            present: int = await self._database.one(_WORKERS) or 0
        except UndefinedTable as error:
            raise Unavailable(_NO_SCHEMA) from error
        except Unavailable as error:
            raise Unavailable(_NO_DATABASE) from error
        if not present:
            raise Unavailable(_NO_WORKER)
        return "1 worker" if present == 1 else f"{present} workers"
