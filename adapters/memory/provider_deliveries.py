from datetime import datetime

from typing_extensions import override

from adapters.memory.store import MemoryStore, SeenDelivery
from adapters.memory.table import Transaction
from application.ports.provider_deliveries import ProviderDeliveries, ProviderDeliveryLog


class MemoryProviderDeliveries(ProviderDeliveries):
    """Messages within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._seen = store.provider_deliveries
        self._transaction = transaction

    @override
    async def add(self, delivery_id: str, at: datetime) -> bool:
        if await self._transaction.locked(self._seen, delivery_id) is not None:
            return False
        await self._transaction.put(self._seen, SeenDelivery(delivery_id, at))
        return True


class MemoryProviderDeliveryLog(ProviderDeliveryLog):
    """Committed messages."""

    def __init__(self, store: MemoryStore) -> None:
        self._seen = store.provider_deliveries

    @override
    async def purge(self, before: datetime) -> int:
        old = [name for name, seen in self._seen.rows.items() if seen.at < before]
        for name in old:
            del self._seen.rows[name]
        return len(old)
