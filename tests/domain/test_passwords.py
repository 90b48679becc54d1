import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.passwords import check_password, normal_password


def codes(password: str, email: str | None = None) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        check_password(password, email=email)
    assert [fault.pointer for fault in refusal.value.faults] == ["/password"]
    return [fault.code for fault in refusal.value.faults]


@pytest.mark.parametrize(
    "password",
    [
        "ten chars!",
        "a" * 199 + "b",
        "пароль из слов",
        "🐎" * 9 + "🔋",
        "    spaces    ",
        "correct horse battery staple",
    ],
)
def test_any_text_of_ten_to_two_hundred_characters_is_taken_as_it_is(password: str) -> None:
    assert check_password(password) == password


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "too_short"),
        ("nine char", "too_short"),
        ("ab" * 100 + "c", "too_long"),
        ("ab" * 1_000_000, "too_long"),
        ("with a \x00 NUL", "bad_text"),
        ("with\na line feed", "bad_text"),
        ("half \ud800 of a pair", "bad_text"),
        ("password123", "common_password"),
        ("PassWord123", "common_password"),
        ("qwertyuiop", "common_password"),
        ("aaaaaaaaaaaa", "common_password"),
        ("ada@example.com", "common_password"),
        ("ADA@EXAMPLE.COM", "common_password"),
    ],
)
def test_what_is_too_short_too_long_unreadable_or_guessed_is_refused(password: str, code: str) -> None:
    assert codes(password, "Ada@example.com") == [code]


def test_the_name_in_the_email_is_no_password() -> None:
    assert codes("ada.lovelace", "ada.lovelace@example.com") == ["common_password"]


def test_characters_are_counted_as_they_are_stored() -> None:
    assert check_password("e\u0301" * 9 + "x") == "é" * 9 + "x"
    assert codes("e\u0301" * 9) == ["too_short"]
    assert len(check_password("\u1112\u1161\u11ab" * 199 + "x")) == 200
    assert codes("\u1112\u1161\u11ab" * 201 + "x") == ["too_long"]


def test_keyboards_that_write_the_same_differently_agree() -> None:
    composed, decomposed = "Zürich\u00a0im\u3000Winter", "Zu\u0308rich im Winter"
    assert normal_password(composed) == normal_password(decomposed) == "Zürich im Winter"
    assert normal_password("\ufb01ve") != normal_password("five")


@given(st.text(max_size=300))
def test_what_is_taken_is_the_same_when_it_is_given_to_sign_in(text: str) -> None:
    try:
        stored = check_password(text)
    except Invalid:
        return
    assert normal_password(text) == stored
    assert normal_password(stored) == stored
    assert 10 <= len(stored) <= 200
