import pytest
from typing_extensions import override

from adapters.memory.secret_box import MemorySecretBox
from application.ports.secret_box import SecretBox
from tests.contracts.secret_box import SecretBoxContract


class TestMemorySecretBox(SecretBoxContract):
    @pytest.fixture
    @override
    def box(self) -> SecretBox:
        return MemorySecretBox()

    @pytest.fixture
    @override
    def next_box(self, box: SecretBox) -> SecretBox:
        assert isinstance(box, MemorySecretBox)
        return MemorySecretBox(box)

    @pytest.fixture
    @override
    def other_box(self) -> SecretBox:
        return MemorySecretBox()
