import pytest
from typing_extensions import override

from adapters.cryptography.secret_box import AesSecretBox
from application.ports.secret_box import SecretBox, UnsealError
from tests.contracts.secret_box import SecretBoxContract


class TestAesSecretBox(SecretBoxContract):
    @pytest.fixture
    @override
    def box(self) -> SecretBox:
        return AesSecretBox("a key")

    @pytest.fixture
    @override
    def other_box(self) -> SecretBox:
        return AesSecretBox("another key")


def test_what_was_sealed_before_a_restart_can_be_unsealed_after_it() -> None:
    sealed = AesSecretBox("a key").seal(b"secret", purpose="connector")

    assert AesSecretBox("a key").unseal(sealed, purpose="connector") == b"secret"


def test_what_the_first_release_sealed_can_be_unsealed() -> None:
    sealed = bytes.fromhex("01d0167ca1035f8ab1e7127bc29f1126b037bcb872c1f6d3df1aa5af9aee881373657a")

    assert AesSecretBox("a key").unseal(sealed, purpose="connector") == b"secret"


def test_a_form_of_another_version_is_refused() -> None:
    sealed = AesSecretBox("a key").seal(b"secret", purpose="connector")

    with pytest.raises(UnsealError):
        AesSecretBox("a key").unseal(b"\x02" + sealed[1:], purpose="connector")
