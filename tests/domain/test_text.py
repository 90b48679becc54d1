import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.text import optional_text, readable, text


def test_text_loses_its_surrounding_white_space() -> None:
    assert text(" \n a b\t", at="/name", most=3) == "a b"


@pytest.mark.parametrize(
    ("value", "code", "detail"),
    [
        (" ", "too_short", "Text is missing."),
        ("abcd", "too_long", "Text may have at most 3 characters, not 4."),
        ("a\x00b", "bad_text", "Text may hold neither NUL nor half of a surrogate pair."),
        ("\ud800", "bad_text", "Text may hold neither NUL nor half of a surrogate pair."),
    ],
)
def test_text_that_cannot_be_taken_says_where_and_why(value: str, code: str, detail: str) -> None:
    with pytest.raises(Invalid) as raised:
        text(value, at="/name", least=1, most=3)
    (fault,) = raised.value.faults
    assert (fault.pointer, fault.code, fault.detail) == ("/name", code, detail)
    assert str(raised.value) == detail


def test_text_that_is_too_short_says_how_long_it_must_be() -> None:
    with pytest.raises(Invalid, match="at least 3 characters"):
        text("ab", at="/name", least=3, most=9)


@given(st.text(max_size=30))
def test_text_that_was_taken_can_be_stored_anywhere(value: str) -> None:
    try:
        taken = text(value, at="/name", most=20)
    except Invalid:
        return
    assert "\x00" not in taken
    assert len(taken.encode()) >= len(taken)


@pytest.mark.parametrize(("value", "kept"), [(None, None), ("", None), ("  ", None), (" a ", "a")])
def test_blank_optional_text_is_none(value: str | None, kept: str | None) -> None:
    assert optional_text(value, at="/name", most=10) == kept


def test_what_text_would_refuse_is_left_out_of_readable_text() -> None:
    assert readable("a\x00b\ud800c\n 😀") == "abc\n 😀"


@given(st.text(st.characters(), max_size=30))
def test_readable_text_can_be_taken(value: str) -> None:
    assert text(readable(value), at="/name", most=30) == readable(value).strip()
