import pytest
from typing_extensions import override

from adapters.memory.run_log import MemoryRunLog
from application.ports.run_log import RunLog
from tests.contracts.run_log import RunLogContract


class TestMemoryRunLog(RunLogContract):
    @pytest.fixture
    @override
    def log(self) -> RunLog:
        return MemoryRunLog()
