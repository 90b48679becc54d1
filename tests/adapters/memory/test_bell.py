import pytest
from typing_extensions import override

from adapters.memory.bell import MemoryBell
from application.ports.bell import Bell
from tests.contracts.bell import BellContract


class TestMemoryBell(BellContract):
    @pytest.fixture
    @override
    def bell(self) -> Bell:
        return MemoryBell()
