import pytest
from typing_extensions import override

from adapters.cryptography.origins import HmacOrigins
from application.ports.origins import Origins
from tests.contracts.origins import HERE, OriginsContract


class TestOrigins(OriginsContract):
    @pytest.fixture
    @override
    def origins(self) -> Origins:
        return HmacOrigins("a secret key")

    @pytest.fixture
    @override
    def others(self) -> Origins:
        return HmacOrigins("another secret key")


def test_an_origin_is_the_same_after_a_restart() -> None:
    assert HmacOrigins("a secret key").of("::1", HERE) == HmacOrigins("a secret key").of("::1", HERE)
