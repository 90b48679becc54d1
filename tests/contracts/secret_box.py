"""What every secret box promises. A test class per adapter inherits the contract and overrides its fixtures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.secret_box import SecretBox, UnsealError

SECRET = b"a token of a vendor, longer than one block of any cipher"


class SecretBoxContract:
    @pytest.fixture
    def box(self) -> SecretBox:
        raise NotImplementedError

    @pytest.fixture
    def other_box(self) -> SecretBox:
        """One with another key."""
        raise NotImplementedError

    @pytest.fixture
    def next_box(self) -> SecretBox:
        """One with another key that knows the key of `box` as an earlier one."""
        raise NotImplementedError

    def test_what_is_sealed_can_be_unsealed_for_its_purpose(self, box: SecretBox) -> None:
        @given(secret=st.binary(max_size=200), purpose=st.text(max_size=40))
        def comes_back(secret: bytes, purpose: str) -> None:
            assert box.unseal(box.seal(secret, purpose=purpose), purpose=purpose) == secret

        comes_back()

    def test_the_sealed_form_does_not_show_the_secret(self, box: SecretBox) -> None:
        sealed = box.seal(SECRET, purpose="connector")

        assert not any(SECRET[start : start + 5] in sealed for start in range(len(SECRET) - 5))

    def test_sealing_twice_gives_different_bytes(self, box: SecretBox) -> None:
        assert box.seal(SECRET, purpose="connector") != box.seal(SECRET, purpose="connector")

    def test_another_purpose_does_not_unseal(self, box: SecretBox) -> None:
        sealed = box.seal(SECRET, purpose="connector")

        with pytest.raises(UnsealError):
            box.unseal(sealed, purpose="webhook")

    def test_another_key_does_not_unseal(self, box: SecretBox, other_box: SecretBox) -> None:
        sealed = box.seal(SECRET, purpose="connector")

        with pytest.raises(UnsealError):
            other_box.unseal(sealed, purpose="connector")

    def test_a_change_of_any_byte_is_noticed(self, box: SecretBox) -> None:
        sealed = box.seal(SECRET, purpose="connector")

        for at in range(len(sealed)):
            changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
            with pytest.raises(UnsealError):
                box.unseal(changed, purpose="connector")

    def test_a_cut_or_empty_form_is_noticed(self, box: SecretBox) -> None:
        sealed = box.seal(SECRET, purpose="connector")

        for length in range(len(sealed)):
            with pytest.raises(UnsealError):
                box.unseal(sealed[:length], purpose="connector")

    def test_what_an_earlier_key_sealed_is_opened_and_can_be_renewed(self, box: SecretBox, next_box: SecretBox) -> None:
        sealed = box.seal(SECRET, purpose="connector")
        renewed = next_box.renewed(sealed)

        assert renewed
        for form in (sealed, renewed):
            assert next_box.unseal(form, purpose="connector") == SECRET
            with pytest.raises(UnsealError):
                next_box.unseal(form, purpose="webhook")
        with pytest.raises(UnsealError):
            box.unseal(renewed, purpose="connector")

    def test_what_the_present_key_sealed_is_not_renewed(self, box: SecretBox, next_box: SecretBox) -> None:
        renewed = next_box.renewed(box.seal(SECRET, purpose="connector"))

        assert renewed
        assert next_box.renewed(renewed) is None
        assert box.renewed(box.seal(SECRET, purpose="connector")) is None

    def test_what_no_key_of_ours_sealed_is_not_renewed(self, box: SecretBox, other_box: SecretBox) -> None:
        for foreign in (other_box.seal(SECRET, purpose="connector"), b"", b"\x02", SECRET * 9):
            with pytest.raises(UnsealError):
                box.renewed(foreign)
