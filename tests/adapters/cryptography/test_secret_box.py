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
    def next_box(self) -> SecretBox:
        return AesSecretBox("a new key", ["an older key", "a key"])

    @pytest.fixture
    @override
    def other_box(self) -> SecretBox:
        return AesSecretBox("another key")


def test_what_was_sealed_before_a_restart_can_be_unsealed_after_it() -> None:
    sealed = AesSecretBox("a key").seal(b"secret", purpose="connector")

    assert AesSecretBox("a key").unseal(sealed, purpose="connector") == b"secret"


def test_what_the_first_release_sealed_can_be_unsealed() -> None:
    sealed = bytes.fromhex(
        "02cea59273f0aa4d9fe9007b649b13f49f9bdc08eae6e29decf1ca4863ee124fd047f4e85992a9203fd299fc3b6dd0432dc3"
        "3e908261f6459a5124c9c65c55d662d4baff7c87230769ac18f9ae9df82c4a60a39b997043"
    )

    assert AesSecretBox("a key").unseal(sealed, purpose="connector") == b"secret"


def test_a_form_of_another_version_is_refused() -> None:
    sealed = AesSecretBox("a key").seal(b"secret", purpose="connector")

    with pytest.raises(UnsealError):
        AesSecretBox("a key").unseal(b"\x03" + sealed[1:], purpose="connector")
