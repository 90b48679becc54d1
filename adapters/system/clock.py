from collections.abc import Callable
from datetime import UTC, datetime

from typing_extensions import override

from application.ports.clock import Clock


def _machine() -> datetime:
    return datetime.now(UTC)


class SystemClock(Clock):
    """The machine's clock, as `read` reads it; it stands still while that is set back."""

    def __init__(self, read: Callable[[], datetime] = _machine) -> None:
        self._read = read
        self._latest = datetime.min.replace(tzinfo=UTC)

    @override
    def now(self) -> datetime:
        self._latest = max(self._latest, self._read())
        return self._latest
