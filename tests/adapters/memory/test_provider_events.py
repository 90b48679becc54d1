import pytest
from typing_extensions import override

from adapters.memory.provider_events import MemoryProviderEvents
from application.ports.provider_events import ProviderEvents
from tests.contracts.provider_events import ProviderEventsContract, Sending


class TestMemoryProviderEvents(ProviderEventsContract):
    @pytest.fixture
    @override
    def events(self) -> MemoryProviderEvents:
        return MemoryProviderEvents()

    @pytest.fixture
    @override
    def send(self, events: ProviderEvents) -> Sending:
        assert isinstance(events, MemoryProviderEvents)
        return events.announce

    @pytest.fixture
    @override
    def unconfigured(self) -> ProviderEvents:
        return MemoryProviderEvents(configured=False)
