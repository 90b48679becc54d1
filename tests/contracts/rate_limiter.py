"""What every rate limiter promises. A test class per adapter inherits the contract and overrides its fixtures."""

import asyncio
from uuid import uuid4

import pytest

from application.ports.rate_limiter import Allowance, Rate, RateLimiter

RATE = Rate(amount=3, seconds=60)


class RateLimiterContract:
    @pytest.fixture
    def limiter(self) -> RateLimiter:
        raise NotImplementedError

    @pytest.fixture
    def key(self) -> str:
        return uuid4().hex

    async def test_hits_are_allowed_up_to_the_amount(self, limiter: RateLimiter, key: str) -> None:
        hits = [await limiter.hit("posts", key, RATE) for _ in range(5)]

        assert [hit.allowed for hit in hits] == [True, True, True, False, False]
        assert [hit.remaining for hit in hits] == [2, 1, 0, 0, 0]
        assert {hit.limit for hit in hits} == {3}

    async def test_it_says_when_the_limit_is_fresh(self, limiter: RateLimiter, key: str) -> None:
        hits = [await limiter.hit("posts", key, RATE) for _ in range(5)]

        assert all(1 <= hit.reset_seconds <= 60 for hit in hits)

    async def test_keys_are_counted_apart(self, limiter: RateLimiter, key: str) -> None:
        for _ in range(4):
            await limiter.hit("posts", key, RATE)

        assert (await limiter.hit("posts", uuid4().hex, RATE)).allowed

    async def test_names_are_counted_apart(self, limiter: RateLimiter, key: str) -> None:
        for _ in range(4):
            await limiter.hit("posts", key, RATE)

        assert (await limiter.hit("reads", key, RATE)).allowed

    async def test_concurrent_hits_are_all_counted(self, limiter: RateLimiter, key: str) -> None:
        hits = await asyncio.gather(*(limiter.hit("posts", key, RATE) for _ in range(20)))

        assert sum(hit.allowed for hit in hits) == 3

    async def test_a_limit_of_nothing_allows_nothing(self, limiter: RateLimiter, key: str) -> None:
        assert not (await limiter.hit("posts", key, Rate(amount=0, seconds=60))).allowed

    async def test_the_limit_is_fresh_again_after_the_time_it_told(self, limiter: RateLimiter, key: str) -> None:
        rate = Rate(amount=1, seconds=1)
        assert (await limiter.hit("posts", key, rate)).allowed
        refused = await limiter.hit("posts", key, rate)
        assert not refused.allowed

        assert (await self._allowed(limiter, key, rate)).remaining == 0

    async def test_a_key_may_hold_any_text(self, limiter: RateLimiter) -> None:
        key = f"{uuid4().hex} ä:\n*{{}}"

        assert (await limiter.hit("posts", key, RATE)).remaining == 2

    async def _allowed(self, limiter: RateLimiter, key: str, rate: Rate) -> Allowance:
        """The first that is allowed again."""
        async with asyncio.timeout(20):
            while not (allowance := await limiter.hit("posts", key, rate)).allowed:  # noqa: ASYNC110 (time is the event)
                await asyncio.sleep(0.02)
            return allowance
