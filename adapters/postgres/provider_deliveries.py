from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert
from typing_extensions import override

from adapters.postgres.statements import Command, Database, Queries
from adapters.postgres.tables import provider_deliveries
from application.ports.provider_deliveries import ProviderDeliveries, ProviderDeliveryLog

# Waits for whoever adds the same one.
_ADD = Command(insert(provider_deliveries).on_conflict_do_nothing(), columns=["id", "received_at"])
_PURGE = Command(delete(provider_deliveries).where(provider_deliveries.c.received_at < bindparam("before")))


class PostgresProviderDeliveries(ProviderDeliveries):
    """Messages, as rows."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    @override
    async def add(self, delivery_id: str, at: datetime) -> bool:
        return await self._queries.run(_ADD, id=delivery_id, received_at=at) == 1


class PostgresProviderDeliveryLog(ProviderDeliveryLog):
    """Messages, as rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def purge(self, before: datetime) -> int:
        return await self._database.run(_PURGE, before=before)
