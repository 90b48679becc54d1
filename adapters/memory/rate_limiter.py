import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from typing_extensions import override

from application.ports.rate_limiter import Allowance, Rate, RateLimiter

_COUNTERS = 65_536
_SHARED = 1_024


@dataclass(slots=True)
class _Window:
    ends: float
    count: int = 0


class MemoryRateLimiter(RateLimiter):
    """Counts in the process, in fixed windows that begin with a key's first hit.

    At most `counters` windows are kept. When all are in use, further keys share counters: a stranger may then be
    refused for another's hits, but nobody passes uncounted.
    """

    def __init__(self, counters: int = _COUNTERS, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._counters = counters
        self._monotonic = monotonic
        self._windows: dict[tuple[str, str | int], _Window] = {}
        self._swept_at = float("-inf")

    @override
    async def hit(self, name: str, key: str, rate: Rate) -> Allowance:
        now = self._monotonic()
        window = self._window(name, key, now, rate)
        allowed = window.count < rate.amount
        window.count += allowed
        return Allowance(
            allowed=allowed,
            limit=rate.amount,
            remaining=rate.amount - window.count,
            # Of what was added, a float may give back a little more.
            reset_seconds=min(rate.seconds, math.ceil(window.ends - now)),
        )

    def _window(self, name: str, key: str, now: float, rate: Rate) -> _Window:
        place = self._place(name, key, now)
        window = self._windows.get(place)
        if window is None or window.ends <= now:
            window = self._windows[place] = _Window(now + rate.seconds)
        return window

    def _place(self, name: str, key: str, now: float) -> tuple[str, str | int]:
        if len(self._windows) >= self._counters and now - self._swept_at >= 1:
            self._swept_at = now
            self._windows = {place: window for place, window in self._windows.items() if window.ends > now}
        if (name, key) in self._windows or len(self._windows) < self._counters:
            return name, key
        return name, hash(key) % _SHARED
