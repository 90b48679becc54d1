from datetime import UTC, datetime, timedelta, timezone

import pytest
from typing_extensions import override

from adapters.memory.clock import MemoryClock
from application.ports.clock import Clock
from tests.contracts.clock import ClockContract


class TestMemoryClock(ClockContract):
    @pytest.fixture
    @override
    def clock(self) -> Clock:
        return MemoryClock(datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=3))))


def test_it_stands_still_until_it_is_advanced() -> None:
    clock = MemoryClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2026, 3, 2, 12, tzinfo=UTC)

    assert clock.advance(timedelta(hours=1)) == clock.now() == datetime(2026, 3, 2, 13, tzinfo=UTC)


def test_it_cannot_be_set_back() -> None:
    with pytest.raises(ValueError, match="never goes back"):
        MemoryClock().advance(timedelta(seconds=-1))
