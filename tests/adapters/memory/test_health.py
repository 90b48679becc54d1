from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.memory.health import MemoryProbe, MemoryWorkerProbe
from adapters.memory.store import MemoryStore
from application.ports.health import Probe
from domain.errors import Unavailable
from tests.contracts.health import ProbeContract
from tests.contracts.stores import Stores


class TestMemoryProbe(ProbeContract):
    @pytest.fixture
    @override
    def working(self) -> Probe:
        return MemoryProbe()

    @pytest.fixture
    @override
    def broken(self) -> Probe:
        return MemoryProbe("It is out of order.")


class TestMemoryWorkerProbe(ProbeContract):
    @pytest.fixture
    @override
    async def working(self, store: MemoryStore, stores: Stores) -> Probe:
        await stores.queue.present("worker-1")
        return MemoryWorkerProbe(store, stores.clock)

    @pytest.fixture
    @override
    def broken(self, stores: Stores) -> Probe:
        return MemoryWorkerProbe(MemoryStore(), stores.clock)

    async def test_a_worker_that_has_stopped_or_fallen_silent_is_not_present(
        self, store: MemoryStore, stores: Stores
    ) -> None:
        probe = MemoryWorkerProbe(store, stores.clock)
        await stores.queue.present("worker-1")
        await stores.queue.present("worker-2")
        assert await probe.check() == "2 workers"
        await stores.queue.absent("worker-1")
        assert await probe.check() == "1 worker"
        stores.clock.advance(timedelta(minutes=1))
        with pytest.raises(Unavailable):
            await probe.check()
