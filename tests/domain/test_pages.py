from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pages import InvalidCursor, Page, decode_cursor, encode_cursor, page_of

TYPES: tuple[Callable[[str], object], ...] = (int, str, UUID, datetime.fromisoformat)


@given(st.integers(), st.text())
def test_a_cursor_is_read_back(number: int, text: str) -> None:
    assert decode_cursor(encode_cursor(number, text), int, str) == (number, text)


@given(st.integers(), st.text())
def test_a_cursor_can_stand_in_an_address_as_it_is(number: int, text: str) -> None:
    assert set(encode_cursor(number, text)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(), st.lists(st.sampled_from(TYPES), max_size=3))
def test_any_other_text_is_refused_or_read_and_nothing_else(text: str, types: list[Callable[[str], object]]) -> None:
    try:
        key = decode_cursor(text, *types)
    except InvalidCursor:
        return
    assert len(key) == len(types)


@pytest.mark.parametrize(
    "cursor", ["", "!", "e30", "bnVsbA", "W10", "é", "\ud800", encode_cursor("x"), encode_cursor(1, 2), "W1" * 40_000]
)
def test_what_is_no_cursor_of_the_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor) as raised:
        decode_cursor(cursor, int)
    assert raised.value.faults[0].pointer == "/cursor"


def test_nested_brackets_without_end_are_refused() -> None:
    deep = encode_cursor("x").replace("x", "")
    with pytest.raises(InvalidCursor):
        decode_cursor(deep + "W1tb" * 30_000, str)


def test_the_extra_item_shows_that_there_are_more() -> None:
    page = page_of([3, 2, 1], 2, lambda item: (item,))
    assert page == Page(items=[3, 2], next_cursor=encode_cursor(2))


@pytest.mark.parametrize("items", [[], [1], [2, 1]])
def test_a_page_without_an_extra_item_is_the_last(items: list[int]) -> None:
    assert page_of(items, 2, lambda item: (item,)) == Page(items=items, next_cursor=None)
