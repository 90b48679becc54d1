from datetime import UTC, datetime

import pytest
from typing_extensions import override

from adapters.system.clock import SystemClock
from application.ports.clock import Clock
from tests.contracts.clock import ClockContract


class TestSystemClock(ClockContract):
    @pytest.fixture
    @override
    def clock(self) -> Clock:
        return SystemClock()


def test_it_tells_the_time_of_the_machine() -> None:
    before = datetime.now(UTC)

    assert before <= SystemClock().now() <= datetime.now(UTC)


def test_it_stands_still_while_the_machine_is_set_back() -> None:
    told = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (12, 11, 13)]
    clock = SystemClock(iter(told).__next__)

    assert [clock.now().hour for _ in told] == [12, 12, 13]
