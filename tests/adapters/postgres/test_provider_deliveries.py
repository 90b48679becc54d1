import pytest
from typing_extensions import override

from adapters.memory.bell import MemoryBell
from adapters.memory.clock import MemoryClock
from adapters.postgres.provider_deliveries import PostgresProviderDeliveryLog
from adapters.postgres.statements import Database
from adapters.postgres.unit_of_work import PostgresUnits
from adapters.snowball.stemmer import SnowballStemmer
from application.ports.provider_deliveries import ProviderDeliveryLog, ProviderEventsWork
from application.ports.unit_of_work import Begin
from tests.contracts.provider_deliveries import ProviderDeliveriesContract


class TestPostgresProviderDeliveries(ProviderDeliveriesContract):
    @pytest.fixture
    @override
    def begin(self, database: Database) -> Begin[ProviderEventsWork]:
        return PostgresUnits(database, MemoryBell(), MemoryClock(), SnowballStemmer())

    @pytest.fixture
    @override
    def log(self, database: Database) -> ProviderDeliveryLog:
        return PostgresProviderDeliveryLog(database)
