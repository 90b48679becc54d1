import pytest
from typing_extensions import override

from adapters.memory.bell import MemoryBell
from adapters.memory.clock import MemoryClock
from adapters.memory.provider_deliveries import MemoryProviderDeliveryLog
from adapters.memory.store import MemoryStore
from adapters.memory.unit_of_work import MemoryUnits
from application.ports.provider_deliveries import ProviderDeliveryLog, ProviderEventsWork
from application.ports.unit_of_work import Begin
from tests.contracts.provider_deliveries import ProviderDeliveriesContract


class TestMemoryProviderDeliveries(ProviderDeliveriesContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    @pytest.fixture
    @override
    def begin(self, store: MemoryStore) -> Begin[ProviderEventsWork]:
        return MemoryUnits(store, MemoryBell(), MemoryClock())

    @pytest.fixture
    @override
    def log(self, store: MemoryStore) -> ProviderDeliveryLog:
        return MemoryProviderDeliveryLog(store)
