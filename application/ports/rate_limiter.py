from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    amount: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is left: whether this one was allowed, how many more are, and whole seconds until the limit is fresh."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int


class RateLimiter(Protocol):
    """Counts what each key does, over all processes where it can."""

    async def hit(self, name: str, key: str, rate: Rate) -> Allowance:
        """Counts one for `key` under the limit called `name`, unless the limit is reached.

        In any window of `rate.seconds`, at most twice `rate.amount` are allowed, and never more than `rate.amount`
        from a fresh start. Never raises: when the counters cannot be reached, this process counts alone.
        """
        ...
