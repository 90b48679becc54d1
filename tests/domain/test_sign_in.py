from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import Invalid
from domain.identity import (
    Login,
    NoSecondFactor,
    OneTimeToken,
    SecondFactorOn,
    check_email,
    one_time_digest,
    typed_password,
)
from domain.ids import UserId
from domain.passwords import check_password

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_login() -> Login:
    return Login(user_id=UserId(uuid4()), password_hash="hash", changed_at=NOW)


def test_a_second_factor_is_begun_confirmed_used_and_removed() -> None:
    begun = a_login().with_secret(b"sealed", NOW)
    assert (begun.has_second_factor, begun.waiting_secret()) == (False, b"sealed")
    confirmed = begun.confirmed(7, [b"one", b"two"], NOW)
    assert (confirmed.has_second_factor, confirmed.totp_last_step) == (True, 7)
    used = confirmed.took_step(8).took_recovery_code(b"one")
    assert (used.totp_last_step, used.recovery_codes) == (8, (b"two",))
    assert used.with_recovery_codes([b"three"], NOW).recovery_codes == (b"three",)
    assert used.without_second_factor(NOW) == replace(a_login(), user_id=used.user_id)


def test_what_is_not_there_cannot_be_confirmed_and_what_is_cannot_be_begun() -> None:
    login = a_login()
    with pytest.raises(NoSecondFactor):
        login.waiting_secret()
    with pytest.raises(NoSecondFactor):
        login.with_secret(b"sealed", NOW).must_have_second_factor()
    confirmed = login.with_secret(b"sealed", NOW).confirmed(1, [], NOW)
    confirmed.must_have_second_factor()
    for again in (confirmed.waiting_secret, lambda: confirmed.with_secret(b"other", NOW)):
        with pytest.raises(SecondFactorOn):
            again()


def test_a_new_secret_counts_its_steps_anew() -> None:
    begun = replace(a_login(), totp_last_step=9).with_secret(b"sealed", NOW)
    assert begun.totp_last_step is None


def test_a_password_is_changed_at_a_time_and_rehashed_at_none() -> None:
    later = NOW + timedelta(days=1)
    assert a_login().rehashed("new").changed_at == NOW
    assert a_login().with_password("new", later).changed_at == later


@pytest.mark.parametrize("text", ["a rather long password", "pässwörd to type", "x\u00a0y" * 20])
def test_a_typed_password_is_compared_as_it_was_taken(text: str) -> None:
    assert typed_password(text) == check_password(text)


def test_of_a_password_too_long_so_much_is_compared_as_fits_none() -> None:
    assert [len(typed_password("x" * length)) for length in (200, 201, 10_000)] == [200, 201, 201]


@pytest.mark.parametrize(("given", "taken"), [(" Ada@Example.com ", "ada@example.com"), ("a+b@c.d", "a+b@c.d")])
def test_an_address_is_taken_in_lower_case(given: str, taken: str) -> None:
    assert check_email(given) == taken


@pytest.mark.parametrize(
    "given", ["", "ada", "ada@", "@example.com", "a b@c.d", "a@b@c", "a\n@b.c", "a@b..c", "<a@b.c>", "x" * 300 + "@b.c"]
)
def test_what_no_letter_reaches_is_no_address(given: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_email(given, at="/to")
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/to", "bad_email")]


def test_a_token_keeps_no_secret_and_lives_for_48_hours() -> None:
    verify = OneTimeToken.to_verify("ada@example.com", b"sealed", NOW)
    recover = OneTimeToken.to_recover(UserId(uuid4()), "ada@example.com", NOW)
    for token, secret in (verify, recover):
        assert token.digest == one_time_digest(secret)
        assert secret not in repr(token)
        assert len(secret) == 43
        assert token.expires_at - token.created_at == timedelta(hours=48)
    assert verify[1] != recover[1]
