import pytest
from typing_extensions import override

from adapters.memory.origins import MemoryOrigins
from application.ports.origins import Origins
from tests.contracts.origins import OriginsContract


class TestOrigins(OriginsContract):
    @pytest.fixture
    @override
    def origins(self) -> Origins:
        return MemoryOrigins()

    @pytest.fixture
    @override
    def others(self) -> Origins:
        return MemoryOrigins()
