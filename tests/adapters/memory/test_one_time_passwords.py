import pytest
from typing_extensions import override

from adapters.memory.one_time_passwords import MemoryOneTimePasswords
from application.ports.one_time_passwords import OneTimePasswords
from tests.contracts.one_time_passwords import OneTimePasswordsContract


class TestMemoryOneTimePasswords(OneTimePasswordsContract):
    @pytest.fixture
    @override
    def passwords(self) -> OneTimePasswords:
        return MemoryOneTimePasswords()
