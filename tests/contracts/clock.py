"""What every clock promises. A test class per adapter inherits the contract and overrides its fixtures."""

from datetime import timedelta

import pytest

from application.ports.clock import Clock


class ClockContract:
    @pytest.fixture
    def clock(self) -> Clock:
        raise NotImplementedError

    def test_it_tells_an_aware_time_in_utc(self, clock: Clock) -> None:
        assert clock.now().utcoffset() == timedelta(0)
        assert str(clock.now().tzinfo) == "UTC"

    def test_it_never_goes_back(self, clock: Clock) -> None:
        told = [clock.now() for _ in range(1_000)]

        assert told == sorted(told)
