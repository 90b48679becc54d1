import pytest
from typing_extensions import override

from adapters.memory.rate_limiter import MemoryRateLimiter
from application.ports.rate_limiter import Rate, RateLimiter
from tests.contracts.rate_limiter import RateLimiterContract

_RATE = Rate(amount=1, seconds=600)


class TestMemoryRateLimiter(RateLimiterContract):
    @pytest.fixture
    @override
    def limiter(self) -> RateLimiter:
        return MemoryRateLimiter()


async def test_a_flood_of_keys_takes_bounded_memory_and_never_opens_the_limit() -> None:
    limiter = MemoryRateLimiter(counters=10)
    first = [await limiter.hit("posts", f"key {number}", _RATE) for number in range(10)]
    rest = [await limiter.hit("posts", f"key {number}", _RATE) for number in range(5_000)]

    assert all(hit.allowed for hit in first)
    assert not any(hit.allowed for hit in rest[:10])
    assert 0 < sum(hit.allowed for hit in rest) <= 1_024


async def test_counters_that_have_run_out_make_room() -> None:
    limiter = MemoryRateLimiter(counters=10)
    for number in range(10):
        await limiter.hit("posts", f"old {number}", Rate(amount=1, seconds=0))
    new = [await limiter.hit("posts", f"new {number}", _RATE) for number in range(10)]

    assert all(hit.allowed for hit in new)


async def test_a_window_lasts_no_longer_than_it_is_however_floats_round() -> None:
    now = 70.48643509853979
    assert now + 60 - now > 60
    hit = await MemoryRateLimiter(monotonic=lambda: now).hit("posts", "key", Rate(amount=1, seconds=60))

    assert hit.reset_seconds == 60
