from datetime import UTC, datetime, timedelta

from typing_extensions import override

from application.ports.clock import Clock


class MemoryClock(Clock):
    """Stands still until it is advanced.

    Args:
        at: what it shows first, aware; noon of a day in 2026 unless told.
    """

    def __init__(self, at: datetime = datetime(2026, 1, 2, 12, tzinfo=UTC)) -> None:
        self._at = at.astimezone(UTC)

    @override
    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> datetime:
        """Moves it on, never back, and returns what it shows then.

        Raises:
            ValueError: `by` is negative.
        """
        if by < timedelta(0):
            raise ValueError("A clock never goes back.")
        self._at += by
        return self._at
