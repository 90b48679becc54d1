from datetime import timedelta

from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.clock import Clock
from application.ports.health import Probe
from domain.errors import Unavailable


class MemoryProbe(Probe):
    """Sees the process's own memory, which works.

    Args:
        fault: what to find wrong instead; None for nothing.
    """

    def __init__(self, fault: str | None = None) -> None:
        self.fault = fault

    @override
    async def check(self) -> str | None:
        if self.fault is not None:
            raise Unavailable(self.fault)
        return None


class MemoryWorkerProbe(Probe):
    """Sees whether a worker was present within the last 15 seconds."""

    def __init__(self, store: MemoryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @override
    async def check(self) -> str | None:
        since = self._clock.now() - timedelta(seconds=15)
        present = sum(at >= since for at in self._store.workers.values())
        if not present:
            raise Unavailable("No worker is running, so that nobody replies. Start one with 'flightdeck worker'.")
        return "1 worker" if present == 1 else f"{present} workers"
