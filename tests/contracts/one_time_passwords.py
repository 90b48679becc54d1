"""What all one-time passwords promise. A test class per adapter inherits the contract and overrides its fixture."""

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from application.ports.one_time_passwords import OneTimePasswords

# RFC 6238, appendix B, SHA-1: the last six of its eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
]
NOW = 1_234_567_890
CODE = "005924"
STEP = NOW // 30


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class OneTimePasswordsContract:
    @pytest.fixture
    def passwords(self) -> OneTimePasswords:
        raise NotImplementedError

    @pytest.mark.parametrize(("seconds", "code"), VECTORS)
    def test_codes_are_those_of_the_rfc(self, passwords: OneTimePasswords, seconds: int, code: str) -> None:
        assert passwords.verify(code, SECRET, moment(seconds), None) == seconds // 30

    @pytest.mark.parametrize(("away", "step"), [(-60, None), (-30, STEP), (0, STEP), (30, STEP), (60, None)])
    def test_a_code_is_taken_one_step_early_or_late(
        self, passwords: OneTimePasswords, away: int, step: int | None
    ) -> None:
        assert passwords.verify(CODE, SECRET, moment(NOW + away), None) == step

    def test_no_step_is_taken_twice_nor_one_before_it(self, passwords: OneTimePasswords) -> None:
        taken = [passwords.verify(CODE, SECRET, moment(NOW), last) for last in (STEP - 1, STEP, STEP + 1)]
        assert taken == [STEP, None, None]

    @pytest.mark.parametrize("code", ["005 924", " 005924\n"])
    def test_white_space_does_not_count(self, passwords: OneTimePasswords, code: str) -> None:
        assert passwords.verify(code, SECRET, moment(NOW), None) == STEP

    @pytest.mark.parametrize(
        "code",
        [
            "",
            "005925",
            "5924",
            "05924",
            "0059240",
            "-05924",
            "٠٠٥٩٢٤",
            "".join(chr(0xFF10 + int(digit)) for digit in CODE),
            "\ud800",
            "\x00" * 6,
            "1" * 9999,
        ],
    )
    def test_any_other_code_is_refused(self, passwords: OneTimePasswords, code: str) -> None:
        assert passwords.verify(code, SECRET, moment(NOW), None) is None

    def test_a_secret_is_160_new_bits_and_works(self, passwords: OneTimePasswords) -> None:
        first, second = passwords.new_secret(), passwords.new_secret()
        assert first != second
        assert len(base64.b32decode(first)) == 20
        assert passwords.verify(CODE, first, moment(NOW), None) is None

    def test_the_uri_says_what_an_app_needs(self, passwords: OneTimePasswords) -> None:
        uri = urlsplit(passwords.uri(SECRET, "ada+1@example.com"))
        assert (uri.scheme, uri.netloc, unquote(uri.path)) == ("otpauth", "totp", "/Flightdeck:ada+1@example.com")
        assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["Flightdeck"]}
