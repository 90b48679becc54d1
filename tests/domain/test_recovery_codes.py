import re

import pytest

from domain.recovery_codes import new_recovery_codes, recovery_digest, used_recovery_code


def test_ten_codes_are_made_that_nobody_can_misread() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[0-9abcdefghjkmnpqrstvwxyz]{5}-[0-9abcdefghjkmnpqrstvwxyz]{5}", code) for code in codes)
    assert set(codes).isdisjoint(new_recovery_codes())


def test_every_character_of_a_code_is_any_of_thirty_two() -> None:
    seen = {character for _ in range(100) for code in new_recovery_codes() for character in code}
    assert len(seen - {"-"}) == 32


def test_each_code_is_recognised_as_its_own() -> None:
    codes = new_recovery_codes()
    digests = [recovery_digest(code) for code in codes]
    assert [used_recovery_code(code, digests) for code in codes] == digests
    assert all(len(digest) == 32 for digest in digests)


@pytest.mark.parametrize(
    "typed", ["abcde-01234", "ABCDE-01234", "abcde01234", " abcde 0 1234\n", "abcde-oi234", "ABCDE-OL234"]
)
def test_how_it_is_typed_does_not_count(typed: str) -> None:
    assert recovery_digest(typed) == recovery_digest("abcde-01234")


@pytest.mark.parametrize(
    "typed", ["", "abcde-01235", "abcde", "abcde-0123", "abcde-012345", "\ud800", "\x00", "a" * 9999]
)
def test_anything_else_is_none_of_them(typed: str) -> None:
    assert used_recovery_code(typed, [recovery_digest("abcde-01234")]) is None
    assert used_recovery_code(typed, []) is None
