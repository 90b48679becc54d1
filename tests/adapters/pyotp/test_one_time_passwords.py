import pytest
from typing_extensions import override

from adapters.pyotp.one_time_passwords import PyotpOneTimePasswords
from application.ports.one_time_passwords import OneTimePasswords
from tests.contracts.one_time_passwords import OneTimePasswordsContract


class TestPyotpOneTimePasswords(OneTimePasswordsContract):
    @pytest.fixture
    @override
    def passwords(self) -> OneTimePasswords:
        return PyotpOneTimePasswords()
